"""Writes action_golden.safetensors: the networks that label a clip, forward and backward, by PyTorch.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_action_golden.py

Weights and features are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is
stored as float32. A tensor whose name begins with `gradient.` is the gradient by what the rest of it names.

    features         [3, 4, 7] clips, steps, channels
    CELL.*           the weights of the network with this cell (lstm, gru, rnn, average), with the names of a checkpoint
    CELL.logits      [3, 5] clips, labels
    CELL.attention   [3, 4] clips, steps: how much each step counts; not of average, which has no attention
    CELL.loss        [1] cross entropy with LABELS, label smoothing 0.1, mean over the clips
    gradient.CELL.*  of the loss, by each weight
"""

import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

CLIPS, STEPS, CHANNELS, PROJECTION, HIDDEN, ATTENTION = 3, 4, 7, 6, 5, 3
LABELS = [4, 0, 2]


class Network(nn.Module):
    """Projects each step, reads the steps in order, and classifies their mean, weighted by an attention without a query."""

    def __init__(self, cell):
        super().__init__()
        self.projection = nn.Linear(CHANNELS, PROJECTION)
        self.recurrent = cell(PROJECTION, HIDDEN, batch_first=True)
        self.key = nn.Linear(HIDDEN, ATTENTION)
        self.score = nn.Linear(ATTENTION, 1, bias=False)
        self.output = nn.Linear(HIDDEN, 5)

    def forward(self, features):
        states, _ = self.recurrent(F.relu(self.projection(features)))
        attention = self.score(torch.tanh(self.key(states))).squeeze(-1).softmax(dim=1)
        return self.output(torch.einsum("cs,csh->ch", attention, states)), attention


class Average(nn.Module):
    """The control: the mean of the projected steps."""

    def __init__(self):
        super().__init__()
        self.projection = nn.Linear(CHANNELS, PROJECTION)
        self.output = nn.Linear(PROJECTION, 5)

    def forward(self, features):
        return self.output(F.relu(self.projection(features)).mean(dim=1)), None


# PyTorch's name of a parameter to a checkpoint's.
NAMES = {
    "recurrent.weight_ih_l0": "recurrent.input.weight",
    "recurrent.bias_ih_l0": "recurrent.input.bias",
    "recurrent.weight_hh_l0": "recurrent.recurrent.weight",
    "recurrent.bias_hh_l0": "recurrent.recurrent.bias",
}


def main():
    torch.manual_seed(0)
    features = torch.randn(CLIPS, STEPS, CHANNELS).double()
    golden = {"features": features}
    cells = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
    for cell in [*cells, "average"]:
        network = Network(cells[cell]) if cell in cells else Average()
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.copy_(torch.randn(parameter.shape) * 0.7)
        network.double()
        logits, attention = network(features)
        loss = F.cross_entropy(logits, torch.tensor(LABELS), label_smoothing=0.1)
        loss.backward()
        golden |= {f"{cell}.logits": logits, f"{cell}.loss": loss[None]}
        if attention is not None:
            golden[f"{cell}.attention"] = attention
        for name, parameter in network.named_parameters():
            # A score is one row of weights there, a vector in a checkpoint.
            shape = [ATTENTION] if name == "score.weight" else parameter.shape
            name = f"{cell}.{NAMES.get(name, name)}"
            golden[name] = parameter.reshape(shape)
            golden[f"gradient.{name}"] = parameter.grad.reshape(shape)
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("action_golden.safetensors"))


if __name__ == "__main__":
    main()
