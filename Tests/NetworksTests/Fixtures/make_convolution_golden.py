"""Writes convolution_golden.safetensors: what PyTorch computes for a convolution over a clip with strides and TensorFlow's SAME
padding, forward and backward.

    pip install torch numpy safetensors
    python Tests/NetworksTests/Fixtures/make_convolution_golden.py

Clips are channels-last, [clips, frames, height, width, channels]; the weight is [outputs, parts * channels], the parts in the
order frames, rows, columns.

    strided.*            weight, bias, x [1, 5, 6, 7, 3], y, slope, dx, dweight, dbias: kernel 3, stride 2
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(3)


def same(x, kernel, stride, value=0.0):
    """Pads [clips, channels, frames, height, width] as TensorFlow does."""
    sides = []
    for size, k, s in reversed(list(zip(x.shape[2:], kernel, stride))):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        sides += [total // 2, total - total // 2]
    return F.pad(x, sides, value=value)


def first(x):
    """Channels-last to channels-first."""
    return x.permute(0, 4, 1, 2, 3)


def last(x):
    return x.permute(0, 2, 3, 4, 1).contiguous()


def flat(weight):
    """[outputs, inputs, 3, 3, 3] to [outputs, parts * inputs]; 1 x 1 x 1 to [outputs, inputs]."""
    return weight.permute(0, 2, 3, 4, 1).reshape(weight.shape[0], -1).contiguous()


def unit(outputs, inputs, kernel):
    weight = torch.randn(outputs, inputs, kernel, kernel, kernel) / (inputs * kernel**3) ** 0.5
    return weight.requires_grad_(), torch.randn(outputs).mul(0.1).requires_grad_()


def main():
    weight, bias = unit(4, 3, 3)
    x = torch.randn(1, 5, 6, 7, 3, requires_grad=True)
    y = last(F.conv3d(same(first(x), (3, 3, 3), (2, 2, 2)), weight, bias, stride=2))
    slope = torch.randn_like(y)
    y.backward(slope)
    tensors = {}
    for name, value in {
        "weight": flat(weight), "bias": bias, "x": x, "y": y, "slope": slope,
        "dx": x.grad, "dweight": flat(weight.grad), "dbias": bias.grad,
    }.items():
        tensors[f"strided.{name}"] = value

    path = pathlib.Path(__file__).with_name("convolution_golden.safetensors")
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()}, path)


if __name__ == "__main__":
    main()
