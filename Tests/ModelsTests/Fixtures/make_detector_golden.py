"""Writes detector_golden.safetensors: the detector of words, forward and backward, by PyTorch.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_detector_golden.py

Weights and features are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is stored as float32.
There are 2 pictures of 6 cells, in the styles 1 and 0.

    detector.*       the weights
    features         [12, 9]
    targets          [2, 7] shares
    logits           [2, 7]
    loss             [1] binary cross-entropy, summed over concepts, the mean over pictures
    featureGradient  [12, 9]
    gradient.*       of the loss, by each weight, named without `detector.`
"""

import math
import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

IMAGES, CELLS, CHANNELS, UNITS, CONCEPTS, STYLES, SHARPNESS = 2, 6, 9, 5, 7, [1, 0], 2


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(CHANNELS, UNITS)
        self.output = nn.Linear(UNITS, CONCEPTS)
        self.style = nn.Parameter(torch.randn(2, CONCEPTS))

    def forward(self, features):
        cells = self.output(F.relu(self.projection(features)))
        sharp = (torch.logsumexp(SHARPNESS * cells, dim=1) - math.log(CELLS)) / SHARPNESS
        return (cells.mean(dim=1) + sharp) / 2 + self.style[STYLES]


def main():
    torch.manual_seed(0)
    detector = Detector().double()
    with torch.no_grad():
        for parameter in detector.parameters():
            parameter.copy_(parameter.float().double())
    features = torch.randn(IMAGES, CELLS, CHANNELS).double().requires_grad_()
    targets = torch.tensor([[0, 1, 0.5, 0, 0.25, 0, 0], [1, 0, 0, 0.75, 0, 0, 1]]).double()
    logits = detector(features)
    loss = F.binary_cross_entropy_with_logits(logits, targets, reduction="sum") / IMAGES
    loss.backward()
    golden = {
        "features": features.flatten(0, 1), "targets": targets, "logits": logits, "loss": loss[None],
        "featureGradient": features.grad.flatten(0, 1),
    }
    for name, parameter in detector.named_parameters():
        golden[f"detector.{name}"] = parameter
        golden[f"gradient.{name}"] = parameter.grad
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("detector_golden.safetensors"))


if __name__ == "__main__":
    main()
