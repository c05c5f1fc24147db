"""Writes networks_golden.safetensors: forward and backward of each network part, by PyTorch.

    pip install torch numpy safetensors
    python Tests/NetworksTests/Fixtures/make_networks_golden.py

Inputs are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is stored as
float32. A tensor `dname` is the gradient by `name`. Each function below says which tensors are inputs, and
their shapes.
"""

import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file


def random(*shape):
    """Normal values that float32 holds exactly."""
    return torch.randn(shape).double()


def linear():
    """y = x weight^T + bias; in: x [5, 7], weight [3, 7], bias [3], dy [5, 3]."""
    x, weight, bias, dy = random(5, 7), random(3, 7), random(3), random(5, 3)
    for tensor in (x, weight, bias):
        tensor.requires_grad_()
    y = F.linear(x, weight, bias)
    y.backward(dy)
    return {
        "x": x, "weight": weight, "bias": bias, "y": y,
        "dy": dy, "dx": x.grad, "dweight": weight.grad, "dbias": bias.grad,
    }


def lstm():
    """The element-wise part of an LSTM step.

    In: gates [3, 16] before their activations, in the order input, forget, cell, output; cell_before [3, 4];
    dhidden [3, 4] and dcell [3, 4], the gradient by the new cell besides what reaches it through hidden.
    """
    gates, before, dhidden, dcell = random(3, 16), random(3, 4), random(3, 4), random(3, 4)
    gates.requires_grad_()
    before.requires_grad_()
    i, f, g, o = gates.chunk(4, dim=1)
    cell = torch.sigmoid(f) * before + torch.sigmoid(i) * torch.tanh(g)
    hidden = torch.sigmoid(o) * torch.tanh(cell)
    torch.autograd.backward([hidden, cell], [dhidden, dcell])
    return {
        "gates": gates, "cell_before": before, "cell": cell, "hidden": hidden,
        "dhidden": dhidden, "dcell": dcell, "dgates": gates.grad, "dcell_before": before.grad,
    }


def attention():
    """Additive attention of 3 queries over the positions of images 0, 1 and 1.

    In: keys [2, 6, 5], values [2, 6, 4], score [5], query [3, 5]; dcontext [3, 4] and dweights [3, 6], the
    gradient by the attention weights besides what reaches them through the context.
    """
    images = [0, 1, 1]
    keys, values, score, query = random(2, 6, 5), random(2, 6, 4), random(5), random(3, 5)
    dcontext, dweights = random(3, 4), random(3, 6)
    for tensor in (keys, values, score, query):
        tensor.requires_grad_()
    weights = torch.softmax(torch.tanh(keys[images] + query[:, None]) @ score, dim=1)
    context = (weights[:, :, None] * values[images]).sum(1)
    torch.autograd.backward([context, weights], [dcontext, dweights])
    return {
        "keys": keys, "values": values, "score": score, "query": query,
        "weights": weights, "context": context, "dcontext": dcontext, "dweights": dweights,
        "dkeys": keys.grad, "dvalues": values.grad, "dscore": score.grad, "dquery": query.grad,
    }


def loss():
    """Cross entropy, label smoothing 0.1; in: logits [6, 11], and the targets below.

    value [1] is the sum over the rows, gradient [6, 11] that of the mean over the rows.
    """
    targets = torch.tensor([3, 0, 10, 7, 7, 1])
    logits = random(6, 11).requires_grad_()
    mean = F.cross_entropy(logits, targets, label_smoothing=0.1)
    mean.backward()
    return {"logits": logits, "gradient": logits.grad, "value": mean[None] * len(targets)}


def adamw():
    """Five steps of AdamW on 9 values; in: start [9], gradients [5, 9].

    Learning rate 0.01, betas 0.9 and 0.999, epsilon 1e-8, decoupled weight decay 0.01. Before each step the
    gradient is scaled down to a norm of at most 2.0 (by clip_grad_norm_, whose divisor is the norm + 1e-6);
    here steps 2 and 4 are clipped, the others are not.

    after [5, 9]: the values after each step. average [5, 9]: their moving average after each step,
    a += (1 - d) (w - a), d = min(0.998, (1 + t) / (10 + t)), t from 1, a at first the start.
    """
    start, directions = random(9), random(5, 9)
    norms = torch.tensor([1.5, 6.0, 0.5, 3.0, 1.0]).double()
    gradients = directions / directions.norm(dim=1, keepdim=True) * norms[:, None]
    gradients = gradients.float().double()

    parameter = start.clone().requires_grad_()
    optimizer = torch.optim.AdamW([parameter], lr=0.01, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
    moving, after, average = start.clone(), [], []
    for step, gradient in enumerate(gradients, start=1):
        parameter.grad = gradient.clone()
        torch.nn.utils.clip_grad_norm_([parameter], 2.0)
        optimizer.step()
        decay = min(0.998, (1 + step) / (10 + step))
        moving = moving + (1 - decay) * (parameter.detach() - moving)
        after.append(parameter.detach().clone())
        average.append(moving)
    return {
        "start": start, "gradients": gradients, "after": torch.stack(after), "average": torch.stack(average),
    }


def layer_norm():
    """nn.LayerNorm; in: x [5, 7], weight [7], bias [7], dy [5, 7].

    Row 1 varies so little (0.02) that the epsilon shows, row 2 is far from zero, and row 3 is all one value.
    """
    x, dy = random(5, 7), random(5, 7)
    x[1] *= 0.02
    x[2] += 30
    x[3] = 0.5
    x = x.float().double().requires_grad_()
    layer = nn.LayerNorm(7, eps=1e-5).double()
    with torch.no_grad():
        layer.weight.copy_(random(7))
        layer.bias.copy_(random(7))
    y = layer(x)
    y.backward(dy)
    return {
        "x": x, "weight": layer.weight, "bias": layer.bias, "y": y,
        "dy": dy, "dx": x.grad, "dweight": layer.weight.grad, "dbias": layer.bias.grad,
    }


def causal():
    """nn.MultiheadAttention, 2 heads, of two sentences' words to those before them in the same sentence.

    The sentences have 4 and 2 words; in: x [6, 8], dy [6, 8], and the weights. weights [6, 2, 4]: of each word and
    head, 0 beyond the word itself.
    """
    lengths, width, heads = [4, 2], 8, 2
    layer = nn.MultiheadAttention(width, heads, batch_first=True).double()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(random(*parameter.shape) * 0.5)
    x, dy = random(sum(lengths), width).requires_grad_(), random(sum(lengths), width)
    padded = nn.utils.rnn.pad_sequence(x.split(lengths), batch_first=True)
    most = max(lengths)
    later = torch.ones(most, most, dtype=torch.bool).triu(1)
    beyond = torch.arange(most)[None] >= torch.tensor(lengths)[:, None]
    y, weights = layer(padded, padded, padded, attn_mask=later, key_padding_mask=beyond, average_attn_weights=False)
    y.backward(nn.utils.rnn.pad_sequence(dy.split(lengths), batch_first=True))
    result = {
        "x": x, "y": y[~beyond], "weights": weights.transpose(1, 2)[~beyond], "dy": dy, "dx": x.grad,
        "output.weight": layer.out_proj.weight, "output.bias": layer.out_proj.bias,
        "doutput.weight": layer.out_proj.weight.grad, "doutput.bias": layer.out_proj.bias.grad,
    }
    for index, name in enumerate(["query", "key", "value"]):
        rows = slice(index * width, (index + 1) * width)
        for kind, whole in (("weight", layer.in_proj_weight), ("bias", layer.in_proj_bias)):
            result |= {f"{name}.{kind}": whole[rows], f"d{name}.{kind}": whole.grad[rows]}
    return result


def crossed():
    """Scaled dot-product attention, 3 heads, of 5 queries to the cells of images 0, 1, 1, 0 and 1.

    The images have 3 and 5 cells. In: x [5, 7], cells [8, 4], dy [5, 7], and the weights, which lead to a width of 6.
    dcells: the gradient by the cells.
    """
    images, sizes, width, heads = [0, 1, 1, 0, 1], [3, 5], 6, 3
    layers = {
        "query": nn.Linear(7, width), "key": nn.Linear(4, width), "value": nn.Linear(4, width),
        "output": nn.Linear(width, 7),
    }
    for layer in layers.values():
        layer.double()
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter.copy_(random(*parameter.shape))
    x, cells, dy = random(5, 7).requires_grad_(), random(sum(sizes), 4).requires_grad_(), random(5, 7)

    def split(y):
        """[rows, width] to [heads, rows, width of one]"""
        return y.unflatten(-1, (heads, -1)).transpose(0, 1)

    owners = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    seen = F.scaled_dot_product_attention(
        split(layers["query"](x)), split(layers["key"](cells)), split(layers["value"](cells)),
        attn_mask=torch.tensor(images)[:, None] == owners[None])
    y = layers["output"](seen.transpose(0, 1).flatten(1))
    y.backward(dy)
    result = {"x": x, "cells": cells, "y": y, "dy": dy, "dx": x.grad, "dcells": cells.grad}
    for name, layer in layers.items():
        result |= {f"{name}.weight": layer.weight, f"{name}.bias": layer.bias}
        result |= {f"d{name}.weight": layer.weight.grad, f"d{name}.bias": layer.bias.grad}
    return result


def main():
    torch.manual_seed(0)
    golden = {}
    for part in (linear, lstm, attention, loss, adamw, layer_norm, causal, crossed):
        for name, tensor in part().items():
            golden[f"{part.__name__}.{name}"] = tensor.detach().float().contiguous()
    save_file(golden, pathlib.Path(__file__).with_name("networks_golden.safetensors"))


if __name__ == "__main__":
    main()
