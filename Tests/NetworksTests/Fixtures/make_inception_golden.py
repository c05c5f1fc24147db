"""Writes inception_golden.safetensors: what PyTorch computes for an Inception module over clips, forward and backward, and
for a convolution and a max pooling with strides and TensorFlow's SAME padding.

    pip install torch numpy safetensors
    python Tests/NetworksTests/Fixtures/make_inception_golden.py

Clips are channels-last, [clips, frames, height, width, channels]; a convolution's weight is [outputs, parts * channels], the
parts in the order frames, rows, columns.

    module.*             weights and biases of a module of 5 channels; d.* their gradients
    x, y, slope, dx      of the module: 2 clips of [3, 4, 5]
    strided.*            weight, bias, x [1, 5, 6, 7, 3], y, slope, dx, dweight, dbias: kernel 3, stride 2
    pooled.*             x [1, 5, 6, 7, 3], y, slope, dx: kernel [1, 3, 3], stride [1, 2, 2]
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

CHANNELS, WIDTHS, EXTENT = 5, [3, 4, 5, 2, 3, 4], (3, 4, 5)
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
    a, r1, b1, r2, b2, d = WIDTHS
    units = {
        "branch0": unit(a, CHANNELS, 1),
        "branch1.reduce": unit(r1, CHANNELS, 1),
        "branch1": unit(b1, r1, 3),
        "branch2.reduce": unit(r2, CHANNELS, 1),
        "branch2": unit(b2, r2, 3),
        "branch3": unit(d, CHANNELS, 1),
    }

    def apply(name, x):
        weight, bias = units[name]
        return F.relu(F.conv3d(x, weight, bias, padding=weight.shape[-1] // 2))

    x = torch.randn(2, *EXTENT, CHANNELS, requires_grad=True)
    z = first(x)
    pooled = F.max_pool3d(z, 3, 1, 1)
    y = torch.cat(
        [
            apply("branch0", z),
            apply("branch1", apply("branch1.reduce", z)),
            apply("branch2", apply("branch2.reduce", z)),
            apply("branch3", pooled),
        ],
        dim=1,
    )
    y = last(y)
    slope = torch.randn_like(y)
    y.backward(slope)
    tensors = {"x": x, "y": y, "slope": slope, "dx": x.grad}
    for name, (weight, bias) in units.items():
        tensors[f"module.{name}.weight"], tensors[f"module.{name}.bias"] = flat(weight), bias
        tensors[f"d.{name}.weight"], tensors[f"d.{name}.bias"] = flat(weight.grad), bias.grad

    weight, bias = unit(4, 3, 3)
    x = torch.randn(1, 5, 6, 7, 3, requires_grad=True)
    y = last(F.conv3d(same(first(x), (3, 3, 3), (2, 2, 2)), weight, bias, stride=2))
    slope = torch.randn_like(y)
    y.backward(slope)
    for name, value in {
        "weight": flat(weight), "bias": bias, "x": x, "y": y, "slope": slope,
        "dx": x.grad, "dweight": flat(weight.grad), "dbias": bias.grad,
    }.items():
        tensors[f"strided.{name}"] = value

    x = torch.randn(1, 5, 6, 7, 3, requires_grad=True)
    kernel, stride = (1, 3, 3), (1, 2, 2)
    y = last(F.max_pool3d(same(first(x), kernel, stride, value=-1e30), kernel, stride))
    slope = torch.randn_like(y)
    y.backward(slope)
    for name, value in {"x": x, "y": y, "slope": slope, "dx": x.grad}.items():
        tensors[f"pooled.{name}"] = value

    path = pathlib.Path(__file__).with_name("inception_golden.safetensors")
    save_file({name: value.detach().contiguous().clone() for name, value in tensors.items()}, path)


if __name__ == "__main__":
    main()
