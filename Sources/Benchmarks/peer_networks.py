"""Narrate's captioning network in PyTorch, from a model folder, and its export to ONNX.

The encoder is the chain of Sources/Models/Encoders/EfficientNetLite.swift, the decoder that of CaptionDecoder.swift with the
code of the first style, the default, added to the words' embeddings once. What is computed and in which precision (32
bits; the file's 16 are widened) is the same for every peer.
"""

import json
import math
import os
import sys

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

VARIANTS = {  # multipliers of the channels and of the blocks of a stage
    "efficientnet-lite0": (1.0, 1.0), "efficientnet-lite1": (1.0, 1.1), "efficientnet-lite2": (1.1, 1.2),
    "efficientnet-lite3": (1.2, 1.4), "efficientnet-lite4": (1.4, 1.8),
}
STAGES = (  # repeats, kernel, stride, expansion, outputs
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def rounded(channels):
    """The nearest multiple of 8 that is not more than a tenth smaller."""
    nearest = max(8, int(channels + 4) // 8 * 8)
    return nearest + 8 if nearest < 0.9 * channels else nearest


def blocks(architecture):
    """Kernel, stride, expansion, inputs and outputs of each inverted residual block."""
    width, depth = VARIANTS[architecture]
    inputs = 32
    for index, (repeats, kernel, stride, expansion, outputs) in enumerate(STAGES):
        outputs = rounded(outputs * width)
        if 0 < index < len(STAGES) - 1:
            repeats = math.ceil(repeats * depth)
        for turn in range(repeats):
            yield kernel, stride if turn == 0 else 1, expansion, inputs, outputs
            inputs = outputs


class Convolution(nn.Module):
    """A convolution with TensorFlow's SAME padding for one size of input, and ReLU6 where it is `clipped`."""

    def __init__(self, weights, name, extent, stride=1, groups=1, clipped=True):
        super().__init__()
        weight, bias = weights[f"encoder.{name}.weight"], weights[f"encoder.{name}.bias"]
        kernel = weight.shape[-1]
        total = max(0, (math.ceil(extent / stride) - 1) * stride + kernel - extent)
        before, after = total // 2, total - total // 2
        # What both sides have is padded by the convolution itself; one side alone needs an operation of its own.
        self.margin = (before, after, before, after) if before != after else None
        self.convolution = nn.Conv2d(
            weight.shape[1] * groups, weight.shape[0], kernel, stride, 0 if self.margin else before, groups=groups)
        self.convolution.weight.data, self.convolution.bias.data = weight, bias
        self.clipped = clipped
        self.extent = math.ceil(extent / stride)

    def forward(self, x):
        if self.margin:
            x = F.pad(x, self.margin)
        x = self.convolution(x)
        return F.relu6(x, inplace=True) if self.clipped else x


class Block(nn.Module):
    def __init__(self, weights, name, extent, kernel, stride, expansion, inputs, outputs):
        super().__init__()
        depthwise = Convolution(weights, f"{name}.depthwise", extent, stride, groups=inputs * expansion)
        layers = [depthwise, Convolution(weights, f"{name}.project", depthwise.extent, clipped=False)]
        if expansion != 1:
            layers.insert(0, Convolution(weights, f"{name}.expand", extent))
        self.layers = nn.Sequential(*layers)
        self.adds, self.extent = stride == 1 and inputs == outputs, depthwise.extent

    def forward(self, x):
        return x + self.layers(x) if self.adds else self.layers(x)


class Encoder(nn.Module):
    """[pictures, side, side, 3], bytes, to [pictures, positions, channels]"""

    def __init__(self, config, weights):
        super().__init__()
        self.mean, self.scale = config["preprocessing"]["mean"], config["preprocessing"]["scale"]
        layers = [Convolution(weights, "stem", config["encoder"]["inputSize"], stride=2)]
        for index, block in enumerate(blocks(config["encoder"]["architecture"])):
            layers.append(Block(weights, f"blocks.{index}", layers[-1].extent, *block))
        layers.append(Convolution(weights, "head", layers[-1].extent))
        self.layers = nn.Sequential(*layers)

    def forward(self, pixels):
        x = (pixels.permute(0, 3, 1, 2).float() - self.mean) * (1 / self.scale)
        return self.layers(x).flatten(2).transpose(1, 2)


class Linear(nn.Module):
    """x W + b. The weights stand inputs first: with as few rows as a beam has, PyTorch multiplies by them up to four
    times as fast as by those of `nn.Linear`, and no slower with more."""

    def __init__(self, weights, name, bias=True):
        super().__init__()
        self.weight = nn.Parameter(weights[f"decoder.{name}.weight"].t().contiguous())
        self.bias = nn.Parameter(weights[f"decoder.{name}.bias"]) if bias else None

    def forward(self, x):
        product = x @ self.weight
        return product if self.bias is None else product + self.bias


class Look(nn.Module):
    """Attention by a hidden state. hidden: [pictures, rows, hidden]. To what is seen, [pictures, rows, projection], and the
    attention weights [pictures, rows, positions]."""

    def __init__(self, weights):
        super().__init__()
        self.query, self.gate = Linear(weights, "query", bias=False), Linear(weights, "gate")
        self.score = nn.Parameter(weights["decoder.score.weight"])

    def forward(self, hidden, values, keys):
        energy = torch.tanh(keys[:, None] + self.query(hidden)[:, :, None]) @ self.score
        attention = energy.softmax(-1)
        return torch.sigmoid(self.gate(hidden)) * (attention @ values), attention


class Prepare(nn.Module):
    """[pictures, positions, channels] to values, keys (both [pictures, positions, ...]), the first hidden state and what is
    seen by it, [pictures, hidden + projection], and the first cell, [pictures, hidden]: once a picture."""

    def __init__(self, weights):
        super().__init__()
        self.projection, self.key = Linear(weights, "projection"), Linear(weights, "key")
        self.hidden, self.cell = Linear(weights, "initial.hidden"), Linear(weights, "initial.cell")
        self.look = Look(weights)

    def forward(self, features):
        values = F.relu(self.projection(features))
        keys, mean = self.key(values), values.mean(1)
        hidden = self.hidden(mean)
        seen, _ = self.look(hidden[:, None], values, keys)
        return values, keys, torch.cat([hidden, seen[:, 0]], -1), self.cell(mean)


class Step(nn.Module):
    """One word. words: [pictures, rows], the hypotheses of each; hidden, with what is seen: [pictures, rows, hidden +
    projection]; cell: [pictures, rows, hidden]. To the words' log-probabilities [pictures, rows, words], the new state and the
    attention weights [pictures, rows, positions]."""

    def __init__(self, weights):
        super().__init__()
        self.embedding = nn.Parameter(weights["decoder.embedding.weight"])
        if "decoder.style.weight" in weights:
            self.embedding.data = self.embedding.data + weights["decoder.style.weight"][0]
        self.input, self.recurrent = Linear(weights, "lstm.input"), Linear(weights, "lstm.recurrent", bias=False)
        self.look, self.readout, self.output = Look(weights), Linear(weights, "readout"), Linear(weights, "output")

    def forward(self, words, values, keys, hidden, cell):
        gates = self.input(F.embedding(words, self.embedding)) + self.recurrent(hidden)
        i, f, g, o = gates.chunk(4, -1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        seen, attention = self.look(hidden, values, keys)
        scores = self.output(hidden + self.readout(seen)).log_softmax(-1)
        return scores, torch.cat([hidden, seen], -1), cell, attention


def networks(folder):
    """Encoder, preparation and step of a model folder."""
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    weights = {k: v.float() for k, v in load_file(os.path.join(folder, "model.safetensors")).items()}
    made = Encoder(config, weights).to(memory_format=torch.channels_last), Prepare(weights), Step(weights)
    return [network.eval().requires_grad_(False) for network in made]


def export(folder, target):
    """Writes encoder.onnx, prepare.onnx and step.onnx, with any number of pictures and of rows."""
    encoder, prepare, step = networks(folder)
    pictures, rows = torch.export.Dim("pictures", max=4096), torch.export.Dim("rows", max=4096)
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    side = config["encoder"]["inputSize"]
    pixels = torch.zeros(2, side, side, 3, dtype=torch.uint8)
    features = encoder(pixels)
    values, keys, hidden, cell = prepare(features)
    hidden, cell = (x[:, None].repeat(1, 3, 1) for x in (hidden, cell))
    words = torch.ones(2, 3, dtype=torch.int64)
    both = {0: pictures, 1: rows}
    for name, network, inputs, shapes, outputs in (
        ("encoder", encoder, {"pixels": pixels}, [{0: pictures}], ["features"]),
        ("prepare", prepare, {"features": features}, [{0: pictures}], ["values", "keys", "hidden", "cell"]),
        ("step", step, {"words": words, "values": values, "keys": keys, "hidden": hidden, "cell": cell},
         [both, {0: pictures}, {0: pictures}, both, both],
         ["log_probabilities", "next_hidden", "next_cell", "attention"]),
    ):
        torch.onnx.export(
            network, tuple(inputs.values()), os.path.join(target, f"{name}.onnx"), input_names=list(inputs),
            output_names=outputs, dynamic_shapes=tuple(shapes), dynamo=True, external_data=False, verbose=False)


if __name__ == "__main__":
    export(sys.argv[1], sys.argv[2])
