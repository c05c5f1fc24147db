"""Writes translation_golden.safetensors: loss and gradients of tiny translation networks, by PyTorch's autograd.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_translation_golden.py

Weights are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is stored as float32. What reads is
PyTorch's own bidirectional LSTM, GRU and RNN and its TransformerEncoderLayer; what writes are its cells and its
TransformerDecoderLayer, around them additive attention, its gate, the readout and input feeding. A translation of n units, BOS = 1
and EOS = 2 included, has n - 1 steps: step t reads unit t and predicts unit t + 1.

For each NAME of lstm, gru, rnn, average (an LSTM that does not attend) and transformer:

    NAME.encoder.*, NAME.decoder.*   the weights, with the names of a checkpoint
    NAME.loss                        [1] cross entropy, label smoothing 0.1, mean over all units
    NAME.gradient.*                  of the loss, by each weight
"""

import math
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch.func import functional_call

SOURCE_UNITS, UNITS, LANGUAGES, SMOOTHING = 11, 13, 2, 0.1
# Of recurrences: the embedding, hidden states of each direction, of what writes, attention, values.
EMBEDDING, READ, HIDDEN, ATTENTION, PROJECTION = 8, 5, 6, 4, 7
# Of the Transformer, where all of these are equally wide.
WIDTH, HEADS, FEED, LAYERS = 8, 2, 10, 2
GATES = {"lstm": 4, "gru": 3, "rnn": 1}
# Source, target and language of each sentence.
PAIRS = [([5, 6, 7, 2], [1, 4, 5, 2], 0), ([4, 2], [1, 6, 7, 8, 9, 2], 1), ([8, 9, 10, 5, 2], [1, 10, 2], 0)]


def linear(name, outputs, inputs):
    return {f"{name}.weight": [outputs, inputs], f"{name}.bias": [outputs]}


def recurrent_shapes(cell, attends):
    gates = GATES[cell]
    shapes = {"encoder.embedding.weight": [SOURCE_UNITS, EMBEDDING]}
    for direction in ("forwards", "backwards"):
        shapes |= linear(f"encoder.0.{direction}.input", gates * READ, EMBEDDING)
        shapes |= linear(f"encoder.0.{direction}.recurrent", gates * READ, READ)
    shapes |= {"decoder.embedding.weight": [UNITS, EMBEDDING], "decoder.style.weight": [LANGUAGES, EMBEDDING]}
    shapes |= linear("decoder.projection", PROJECTION, 2 * READ)
    if attends:
        shapes |= linear("decoder.key", ATTENTION, PROJECTION)
        shapes |= {"decoder.query.weight": [ATTENTION, HIDDEN], "decoder.score.weight": [ATTENTION]}
    shapes |= linear("decoder.gate", 1, HIDDEN)
    shapes |= linear(f"decoder.{cell}.input", gates * HIDDEN, EMBEDDING)
    joined = HIDDEN if cell == "gru" else HIDDEN + PROJECTION
    shapes[f"decoder.{cell}.recurrent.weight"] = [gates * HIDDEN, joined]
    if cell == "gru":
        shapes["decoder.gru.context.weight"] = [gates * HIDDEN, PROJECTION]
    shapes |= linear("decoder.initial.hidden", HIDDEN, PROJECTION)
    if cell == "lstm":
        shapes |= linear("decoder.initial.cell", HIDDEN, PROJECTION)
    return shapes | linear("decoder.readout", HIDDEN, PROJECTION) | linear("decoder.output", UNITS, HIDDEN)


def transformer_shapes():
    def layer(name, attentions):
        shapes = {}
        for part in attentions:
            shapes |= {f"{name}.{part}.norm.weight": [WIDTH], f"{name}.{part}.norm.bias": [WIDTH]}
            for matrix in ("query", "key", "value", "output"):
                shapes |= linear(f"{name}.{part}.{matrix}", WIDTH, WIDTH)
        shapes |= {f"{name}.feed.norm.weight": [WIDTH], f"{name}.feed.norm.bias": [WIDTH]}
        return shapes | linear(f"{name}.feed.inner", FEED, WIDTH) | linear(f"{name}.feed.outer", WIDTH, FEED)

    shapes = {"encoder.embedding.weight": [SOURCE_UNITS, WIDTH], "decoder.embedding.weight": [UNITS, WIDTH]}
    shapes |= {"decoder.style.weight": [LANGUAGES, WIDTH]} | linear("decoder.projection", WIDTH, WIDTH)
    for index in range(LAYERS):
        shapes |= layer(f"encoder.transformer.{index}", ["words"])
        shapes |= layer(f"decoder.transformer.{index}", ["words", "grid"])
    for side in ("encoder", "decoder"):
        shapes |= {f"{side}.transformer.norm.weight": [WIDTH], f"{side}.transformer.norm.bias": [WIDTH]}
    return shapes | linear("decoder.output", UNITS, WIDTH)


def read_recurrently(w, cell, units):
    """[units, 2 * READ], by PyTorch's own bidirectional layer."""
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell](EMBEDDING, READ, bidirectional=True)
    parameters = {}
    for direction, suffix in (("forwards", ""), ("backwards", "_reverse")):
        for part, name in (("input", "ih"), ("recurrent", "hh")):
            for kind in ("weight", "bias"):
                parameters[f"{kind}_{name}_l0{suffix}"] = w[f"encoder.0.{direction}.{part}.{kind}"]
    return functional_call(layer.double(), parameters, (w["encoder.embedding.weight"][units],))[0]


def step(w, cell, inputs, context, hidden, memory):
    """The new hidden and cell state, by PyTorch's own cell, whose input is the unit with the context vector."""
    module = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "rnn": torch.nn.RNNCell}[cell]
    recurrent = w[f"decoder.{cell}.recurrent.weight"]
    fed = w["decoder.gru.context.weight"] if cell == "gru" else recurrent[:, HIDDEN:]
    parameters = {
        "weight_ih": torch.cat([w[f"decoder.{cell}.input.weight"], fed], 1),
        "bias_ih": w[f"decoder.{cell}.input.bias"],
        "weight_hh": recurrent[:, :HIDDEN],
        "bias_hh": torch.zeros_like(w[f"decoder.{cell}.input.bias"]),
    }
    x, h = torch.cat([inputs, context])[None], hidden[None]
    state = (h, memory[None]) if cell == "lstm" else h
    new = functional_call(module(EMBEDDING + PROJECTION, HIDDEN).double(), parameters, (x, state))
    return (new[0][0], new[1][0]) if cell == "lstm" else (new[0], None)


def write_recurrently(w, cell, attends, features, units, language):
    """Logits [steps, units]."""
    values = F.relu(F.linear(features, w["decoder.projection.weight"], w["decoder.projection.bias"]))
    mean = values.mean(0)
    hidden = F.linear(mean, w["decoder.initial.hidden.weight"], w["decoder.initial.hidden.bias"])
    memory = None
    if cell == "lstm":
        memory = F.linear(mean, w["decoder.initial.cell.weight"], w["decoder.initial.cell.bias"])

    def look():
        gate = torch.sigmoid(F.linear(hidden, w["decoder.gate.weight"], w["decoder.gate.bias"]))
        if not attends:
            return gate * mean
        keys = F.linear(values, w["decoder.key.weight"], w["decoder.key.bias"])
        energy = torch.tanh(keys + F.linear(hidden, w["decoder.query.weight"])) @ w["decoder.score.weight"]
        return gate * (torch.softmax(energy, 0) @ values)

    logits, context = [], look()
    for unit in units[:-1]:
        inputs = w["decoder.embedding.weight"][unit] + w["decoder.style.weight"][language]
        hidden, memory = step(w, cell, inputs, context, hidden, memory)
        context = look()
        output = hidden + F.linear(context, w["decoder.readout.weight"], w["decoder.readout.bias"])
        logits.append(F.linear(output, w["decoder.output.weight"], w["decoder.output.bias"]))
    return torch.stack(logits)


def with_positions(x):
    position = torch.arange(x.shape[0]).double()[:, None]
    angle = position / 10_000 ** (torch.arange(0, WIDTH, 2).double() / WIDTH)
    return x + torch.stack([angle.sin(), angle.cos()], 2).reshape(x.shape[0], WIDTH)


def layer_parameters(w, name, attentions):
    parameters = {}
    for part, module, norm in attentions:
        for kind in ("weight", "bias"):
            projections = [w[f"{name}.{part}.{matrix}.{kind}"] for matrix in ("query", "key", "value")]
            parameters[f"{module}.in_proj_{kind}"] = torch.cat(projections)
            parameters[f"{module}.out_proj.{kind}"] = w[f"{name}.{part}.output.{kind}"]
            parameters[f"{norm}.{kind}"] = w[f"{name}.{part}.norm.{kind}"]
    for kind in ("weight", "bias"):
        parameters[f"linear1.{kind}"] = w[f"{name}.feed.inner.{kind}"]
        parameters[f"linear2.{kind}"] = w[f"{name}.feed.outer.{kind}"]
        parameters[f"norm{len(attentions) + 1}.{kind}"] = w[f"{name}.feed.norm.{kind}"]
    return parameters


def read_by_transformer(w, units):
    layer = torch.nn.TransformerEncoderLayer(WIDTH, HEADS, FEED, 0, batch_first=True, norm_first=True).double()
    x = with_positions(w["encoder.embedding.weight"][units])[None]
    for index in range(LAYERS):
        parameters = layer_parameters(w, f"encoder.transformer.{index}", [("words", "self_attn", "norm1")])
        x = functional_call(layer, parameters, (x,))
    return F.layer_norm(x[0], [WIDTH], w["encoder.transformer.norm.weight"], w["encoder.transformer.norm.bias"])


def write_by_transformer(w, features, units, language):
    layer = torch.nn.TransformerDecoderLayer(WIDTH, HEADS, FEED, 0, batch_first=True, norm_first=True).double()
    values = F.relu(F.linear(features, w["decoder.projection.weight"], w["decoder.projection.bias"]))[None]
    inputs = w["decoder.embedding.weight"][units[:-1]] + w["decoder.style.weight"][language]
    x = with_positions(inputs)[None]
    mask = torch.triu(torch.full((x.shape[1], x.shape[1]), -math.inf).double(), 1)
    attentions = [("words", "self_attn", "norm1"), ("grid", "multihead_attn", "norm2")]
    for index in range(LAYERS):
        parameters = layer_parameters(w, f"decoder.transformer.{index}", attentions)
        x = functional_call(layer, parameters, (x, values), {"tgt_mask": mask})
    x = F.layer_norm(x[0], [WIDTH], w["decoder.transformer.norm.weight"], w["decoder.transformer.norm.bias"])
    return F.linear(x, w["decoder.output.weight"], w["decoder.output.bias"])


def main():
    torch.manual_seed(0)
    golden = {}
    for name in ("lstm", "gru", "rnn", "average", "transformer"):
        cell = "lstm" if name == "average" else name
        shapes = transformer_shapes() if name == "transformer" else recurrent_shapes(cell, name != "average")
        w = {key: (torch.randn(shape) * 0.3).double().requires_grad_() for key, shape in shapes.items()}
        logits, targets = [], []
        for source, target, language in PAIRS:
            if name == "transformer":
                logits.append(write_by_transformer(w, read_by_transformer(w, source), target, language))
            else:
                features = read_recurrently(w, cell, source)
                logits.append(write_recurrently(w, cell, name != "average", features, target, language))
            targets += target[1:]
        loss = F.cross_entropy(torch.cat(logits), torch.tensor(targets), label_smoothing=SMOOTHING)
        loss.backward()
        golden[f"{name}.loss"] = loss[None]
        for key, weight in w.items():
            golden[f"{name}.{key}"] = weight
            golden[f"{name}.gradient.{key}"] = weight.grad
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("translation_golden.safetensors"))


if __name__ == "__main__":
    main()
