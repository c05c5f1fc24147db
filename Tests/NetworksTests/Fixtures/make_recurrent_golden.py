"""Golden values of the recurrent layers by PyTorch: outputs and all gradients for a random dy.

    pip install torch safetensors
    python make_recurrent_golden.py recurrent_golden.safetensors
"""

import sys

import torch
from safetensors.torch import save_file

STEPS, ROWS, INPUTS, WIDTH = 4, 3, 5, 6


def main(path):
    torch.manual_seed(7)
    tensors = {}
    for name, kind in (("lstm", torch.nn.LSTM), ("gru", torch.nn.GRU), ("rnn", torch.nn.RNN)):
        layer = kind(INPUTS, WIDTH)
        x = torch.randn(STEPS, ROWS, INPUTS, requires_grad=True)
        dy = torch.randn(STEPS, ROWS, WIDTH)
        y, _ = layer(x)
        y.backward(dy)
        ours = {"weight_ih_l0": "input.weight", "bias_ih_l0": "input.bias", "weight_hh_l0": "recurrent.weight",
                "bias_hh_l0": "recurrent.bias"}
        for theirs, mine in ours.items():
            tensors[f"{name}.{mine}"] = getattr(layer, theirs).detach()
            tensors[f"{name}.d{mine}"] = getattr(layer, theirs).grad
        tensors |= {f"{name}.x": x.detach(), f"{name}.dy": dy, f"{name}.y": y.detach(), f"{name}.dx": x.grad}
    save_file({k: v.contiguous().float() for k, v in tensors.items()}, path)


main(sys.argv[1])
