"""Writes convolution_golden.safetensors: what PyTorch computes for a convolution over images with strides and TensorFlow's SAME
padding, forward and backward.

    pip install torch numpy safetensors
    python Tests/NetworksTests/Fixtures/make_convolution_golden.py

Images are channels-last, [images, height, width, channels]; the weight is [outputs, parts * channels], the parts in the
order rows, columns.

    strided.*            weight, bias, x [2, 6, 7, 3], y, dy, dx, dweight, dbias: kernel 3, stride 2
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)


def same(x, kernel, stride):
    """Pads [images, channels, height, width] as TensorFlow does."""
    sides = []
    for size, k, s in reversed(list(zip(x.shape[2:], kernel, stride))):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides)


def flat(weight):
    """[outputs, inputs, 3, 3] to [outputs, parts * inputs]."""
    return weight.permute(0, 2, 3, 1).reshape(weight.shape[0], -1).contiguous()


def main():
    weight = (torch.randn(4, 3, 3, 3) / 27**0.5).requires_grad_()
    bias = torch.randn(4).mul(0.1).requires_grad_()
    x = torch.randn(2, 6, 7, 3, requires_grad=True)
    y = F.conv2d(same(x.permute(0, 3, 1, 2), (3, 3), (2, 2)), weight, bias, stride=2).permute(0, 2, 3, 1).contiguous()
    dy = torch.randn_like(y)
    y.backward(dy)
    tensors = {}
    for name, value in {
        "weight": flat(weight), "bias": bias, "x": x, "y": y, "dy": dy,
        "dx": x.grad, "dweight": flat(weight.grad), "dbias": bias.grad,
    }.items():
        tensors[f"strided.{name}"] = value

    path = pathlib.Path(__file__).with_name("convolution_golden.safetensors")
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()}, path)


if __name__ == "__main__":
    main()
