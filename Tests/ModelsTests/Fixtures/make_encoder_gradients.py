"""Writes encoder_gradients.safetensors: gradients of a small encoder's layers, by PyTorch's autograd.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_encoder_gradients.py

A stem, three inverted residual blocks (the second of stride 2, the third with its input added) and a head, as in
EfficientNet-Lite with batch norm folded in, on two pictures of 13 x 13. Everything is random (seed 0), rounded to
float32; the arithmetic is float64 and what it gives is stored as float32. Activations are [images, positions, channels].

    encoder.*     the weights, with the names of a checkpoint
    pixels        [2, 169, 3]
    y, dy         [2, 16, 24] the head's result and the gradient that is given for it
    gradient.*    of sum(y * dy), by each weight, named without `encoder.`
    block.x       [2, 16, 16] what the third block is given
    block.dx      its gradient
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

# Name, outputs, inputs, kernel, stride, groups, whether ReLU6 follows.
LAYERS = [
    ("stem", 8, 3, 3, 2, 1, True),
    ("blocks.0.depthwise", 8, 8, 3, 1, 8, True),
    ("blocks.0.project", 16, 8, 1, 1, 1, False),
    ("blocks.1.expand", 40, 16, 1, 1, 1, True),
    ("blocks.1.depthwise", 40, 40, 5, 2, 40, True),
    ("blocks.1.project", 16, 40, 1, 1, 1, False),
    ("blocks.2.expand", 40, 16, 1, 1, 1, True),
    ("blocks.2.depthwise", 40, 40, 3, 1, 40, True),
    ("blocks.2.project", 16, 40, 1, 1, 1, False),
    ("head", 24, 16, 1, 1, 1, True),
]
SIDE = 13


def convolve(x, weight, bias, stride, groups):
    """Convolution with TensorFlow's SAME padding: the odd pixel of padding goes below and to the right."""
    kernel, side = weight.shape[-1], x.shape[-1]
    padding = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    before, after = padding // 2, padding - padding // 2
    return F.conv2d(F.pad(x, (before, after, before, after)), weight, bias, stride=stride, groups=groups)


def rows(x):
    """[images, channels, height, width] to [images, positions, channels]."""
    return x.flatten(2).transpose(1, 2)


def main():
    torch.manual_seed(0)
    weights = {}
    for name, outputs, inputs, kernel, _, groups, _ in LAYERS:
        fan = inputs // groups * kernel**2
        weights[f"{name}.weight"] = torch.randn(outputs, inputs // groups, kernel, kernel) * (3 / fan) ** 0.5
        weights[f"{name}.bias"] = torch.randn(outputs)
    weights = {name: tensor.double().requires_grad_() for name, tensor in weights.items()}
    pixels = torch.randn(2, 3, SIDE, SIDE).double()

    x = pixels
    clipped = 0
    for name, _, _, _, stride, groups, clips in LAYERS:
        if name == "blocks.2.expand":
            block = x
            block.retain_grad()
        x = convolve(x, weights[f"{name}.weight"], weights[f"{name}.bias"], stride, groups)
        if name == "blocks.2.project":
            x = x + block
        if clips:
            clipped += (x > 6).sum().item()
            x = F.relu6(x)
    assert clipped > 20, "both of ReLU6's limits are to be met"
    y = rows(x)
    dy = torch.randn(y.shape).double()
    (y * dy).sum().backward()

    golden = {"pixels": rows(pixels), "y": y, "dy": dy, "block.x": rows(block), "block.dx": rows(block.grad)}
    for name, weight in weights.items():
        golden[f"encoder.{name}"] = weight
        golden[f"gradient.{name}"] = weight.grad
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("encoder_gradients.safetensors"))


if __name__ == "__main__":
    main()
