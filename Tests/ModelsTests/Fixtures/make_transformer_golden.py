"""Writes transformer_golden.safetensors: loss and gradients of a tiny Transformer decoder, by PyTorch's autograd.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_transformer_golden.py

Weights and features are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is
stored as float32. A caption of n words, BOS = 1 and EOS = 2 included, has n - 1 steps: step t reads word t
and predicts word t + 1. Norms come before what they are for (Xiong et al. 2020).

    decoder.*     the weights, with the names of a checkpoint
    features      [3, 4, 9] frames, positions, depth of the encoder's grid features: a photograph, and a clip of two frames
    loss          [1] cross entropy, label smoothing 0.1, mean over all words
    logits        [5, 13] steps and vocabulary of CAPTIONS[1]
    gradient.*    of the loss, by each weight, named without `decoder.`
"""

import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

VOCABULARY, HIDDEN, ATTENTION, PROJECTION, DEPTH = 13, 8, 6, 7, 9
LAYERS, HEADS, FEED = 2, 2, 10
PLACES, STYLES, POSITIONS = 3, 2, 4
SMOOTHING = 0.1
# The frames of each image, its style, the image each caption is of, and its words.
FRAMES, STYLE = [[0], [1, 2]], [1, 0]
CAPTIONS = [(0, [1, 4, 5, 2]), (1, [1, 6, 7, 8, 9, 2]), (1, [1, 2]), (0, [1, 10, 11, 12, 4, 2])]


def linear(name, outputs, inputs):
    return {f"{name}.weight": [outputs, inputs], f"{name}.bias": [outputs]}


def norm(name):
    return {f"{name}.weight": [HIDDEN], f"{name}.bias": [HIDDEN]}


def attention(name, entries):
    return {
        **linear(f"{name}.query", ATTENTION, HIDDEN),
        **linear(f"{name}.key", ATTENTION, entries),
        **linear(f"{name}.value", ATTENTION, entries),
        **linear(f"{name}.output", HIDDEN, ATTENTION),
    }


def shapes():
    result = {
        "embedding.weight": [VOCABULARY, HIDDEN],
        "style.weight": [STYLES, HIDDEN],
        "place.weight": [PLACES, PROJECTION],
        **linear("projection", PROJECTION, DEPTH),
    }
    for index in range(LAYERS):
        layer = f"transformer.{index}"
        result |= norm(f"{layer}.words.norm") | attention(f"{layer}.words", HIDDEN)
        result |= norm(f"{layer}.grid.norm") | attention(f"{layer}.grid", PROJECTION)
        result |= norm(f"{layer}.feed.norm")
        result |= linear(f"{layer}.feed.inner", FEED, HIDDEN) | linear(f"{layer}.feed.outer", HIDDEN, FEED)
    return result | norm("transformer.norm") | linear("output", VOCABULARY, HIDDEN)


def random(shape):
    """Normal values of deviation 0.3 that float32 holds exactly."""
    return (torch.randn(shape) * 0.3).double()


def look(w, name, x, entries, mask):
    """Attention of x [steps, hidden] over entries [count, channels]; False in the mask is not seen."""

    def heads(name, y):
        return F.linear(y, w[f"{name}.weight"], w[f"{name}.bias"]).unflatten(-1, (HEADS, -1)).transpose(0, 1)

    query, key, value = (heads(f"{name}.{part}", y) for part, y in [("query", x), ("key", entries), ("value", entries)])
    scores = query @ key.transpose(1, 2) / math.sqrt(ATTENTION / HEADS)
    seen = torch.softmax(scores.masked_fill(~mask, -math.inf), dim=-1) @ value
    return F.linear(seen.transpose(0, 1).flatten(1), w[f"{name}.output.weight"], w[f"{name}.output.bias"])


def normed(w, name, x):
    return F.layer_norm(x, [HIDDEN], w[f"{name}.weight"], w[f"{name}.bias"], eps=1e-5)


def position(steps):
    places = torch.arange(steps).double()[:, None]
    units = torch.arange(0, HIDDEN, 2).double()
    angles = places / 10_000 ** (units / HIDDEN)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def decode(w, features, frames, style, words):
    """Logits [steps, vocabulary] of one caption."""
    values = F.linear(features[frames], w["projection.weight"], w["projection.bias"])
    if len(frames) > 1:
        # Of a clip of two frames the first has the first place's code, the last the last's.
        values = values + w["place.weight"][[0, PLACES - 1]][:, None]
    values = F.relu(values).flatten(0, 1)
    steps = len(words) - 1
    x = w["embedding.weight"][words[:-1]] + w["style.weight"][style] + position(steps)
    before = torch.ones(steps, steps, dtype=torch.bool).tril()
    everywhere = torch.ones(steps, len(values), dtype=torch.bool)
    for index in range(LAYERS):
        layer = f"transformer.{index}"
        y = normed(w, f"{layer}.words.norm", x)
        x = x + look(w, f"{layer}.words", y, y, before)
        x = x + look(w, f"{layer}.grid", normed(w, f"{layer}.grid.norm", x), values, everywhere)
        y = F.linear(normed(w, f"{layer}.feed.norm", x), w[f"{layer}.feed.inner.weight"], w[f"{layer}.feed.inner.bias"])
        x = x + F.linear(F.relu(y), w[f"{layer}.feed.outer.weight"], w[f"{layer}.feed.outer.bias"])
    return F.linear(normed(w, "transformer.norm", x), w["output.weight"], w["output.bias"])


def main():
    torch.manual_seed(0)
    weights = {}
    for name, shape in shapes().items():
        weight = random(shape)
        weights[name] = (weight + 1 if name.endswith("norm.weight") else weight).float().double().requires_grad_()
    # As the encoder's, after ReLU6: many are 0.
    features = (random([3, POSITIONS, DEPTH]) * 8).clamp(0, 6)

    logits = [decode(weights, features, FRAMES[image], STYLE[image], words) for image, words in CAPTIONS]
    targets = torch.tensor([word for _, words in CAPTIONS for word in words[1:]])
    loss = F.cross_entropy(torch.cat(logits), targets, label_smoothing=SMOOTHING)
    loss.backward()

    golden = {"features": features, "loss": loss[None], "logits": logits[1]}
    for name, weight in weights.items():
        golden[f"decoder.{name}"] = weight
        golden[f"gradient.{name}"] = weight.grad
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("transformer_golden.safetensors"))


if __name__ == "__main__":
    main()
