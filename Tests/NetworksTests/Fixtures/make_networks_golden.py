"""Writes networks_golden.safetensors: forward and backward of each network part, by PyTorch.

    pip install torch numpy safetensors
    python Tests/NetworksTests/Fixtures/make_networks_golden.py

Inputs are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is stored as
float32. A tensor `dname` is the gradient by `name`. Each function below says which tensors are inputs, and
their shapes.
"""

import pathlib

import torch
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


def main():
    torch.manual_seed(0)
    golden = {}
    for part in (linear, lstm, attention, loss, adamw):
        for name, tensor in part().items():
            golden[f"{part.__name__}.{name}"] = tensor.detach().float().contiguous()
    save_file(golden, pathlib.Path(__file__).with_name("networks_golden.safetensors"))


if __name__ == "__main__":
    main()
