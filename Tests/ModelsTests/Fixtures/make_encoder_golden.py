"""Writes encoder_golden.safetensors: what PyTorch computes for the shipped model's encoder on a made-up image.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_encoder_golden.py models/caption-everyday/model.safetensors

To be run anew when the model is replaced. The half-precision weights are used as they stand, in float32
arithmetic. The network is written out here from the published architecture, not taken from the package that
the first weights came with: a second opinion on the architecture too.

The image: pixel(y, x, c) = (y*7 + x*13 + c*29 + (y*x) % 31) % 256, at 260 x 260.

    lite2.features   every 37th value of the flattened grid features [positions, 1280], row by row
    lite2.logits     [1000] ImageNet logits: the classifier on the mean over positions
"""

import pathlib
import sys

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

SIDE = 260
STRIDE_TWO_BLOCKS = (1, 4, 7, 15)  # the first blocks of stages 2, 3, 4 and 6
FEATURE_STEP = 37


def image(side):
    """The made-up image as the network's input: [1, 3, side, side], (value - 127) / 128."""
    y, x, c = np.meshgrid(np.arange(side), np.arange(side), np.arange(3), indexing="ij")
    pixels = (y * 7 + x * 13 + c * 29 + (y * x) % 31) % 256
    return (torch.from_numpy(pixels).permute(2, 0, 1)[None].float() - 127) / 128


def convolve(tensors, name, x, stride=1, groups=1):
    """Convolution with TensorFlow's SAME padding: the odd pixel of padding goes below and to the right."""
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    kernel, side = weight.shape[-1], x.shape[-1]
    padding = max((-(-side // stride) - 1) * stride + kernel - side, 0)
    before, after = padding // 2, padding - padding // 2
    return F.conv2d(F.pad(x, (before, after, before, after)), weight, bias, stride=stride, groups=groups)


def grid_features(tensors, x):
    """Image [1, 3, side, side] to grid features [positions, 1280]."""
    x = F.relu6(convolve(tensors, "encoder.stem", x, stride=2))
    index = 0
    while f"encoder.blocks.{index}.project.weight" in tensors:
        name, inputs = f"encoder.blocks.{index}", x
        stride = 2 if index in STRIDE_TWO_BLOCKS else 1
        if f"{name}.expand.weight" in tensors:
            x = F.relu6(convolve(tensors, f"{name}.expand", x))
        x = F.relu6(convolve(tensors, f"{name}.depthwise", x, stride=stride, groups=x.shape[1]))
        x = convolve(tensors, f"{name}.project", x)
        if stride == 1 and x.shape == inputs.shape:
            x = x + inputs
        index += 1
    x = F.relu6(convolve(tensors, "encoder.head", x))
    return x[0].flatten(1).T


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    tensors = {key: value.float() for key, value in load_file(sys.argv[1]).items()}
    features = grid_features(tensors, image(SIDE))
    golden = {
        "lite2.features": features.flatten()[::FEATURE_STEP].contiguous(),
        "lite2.logits": F.linear(features.mean(0), tensors["classifier.weight"], tensors["classifier.bias"]),
    }
    save_file(golden, pathlib.Path(__file__).with_name("encoder_golden.safetensors"))


if __name__ == "__main__":
    main()
