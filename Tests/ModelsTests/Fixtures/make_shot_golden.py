"""Writes shot_golden.safetensors: the network that finds shots, forward and backward, by PyTorch.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_shot_golden.py

Weights and comparisons are random (seed 0), rounded to float32, the frames are made by `frame`; the arithmetic is
float64 and what it gives is stored as float32. There are 2 stretches of 4 frames; what is of their frames is stored
step by step, the stretches side by side: [8, ...].

    shots.*          the weights, with the names of a checkpoint; a convolution's is [outputs, rows * columns * channels]
    comparisons      [8, 15] figures beside what the convolutions leave of a frame
    embedding        [8, 6] what they leave
    logits           [8, 5]
    loss             [1] cross entropy with CLASSES, each frame's weighted by its class, by the number of frames
    inputs           [8, 21] the gradient by what the memory sees: embedding and comparisons
    gradient.*       of the loss, by each weight, named without `shots.`
"""

import pathlib

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import save_file

STRETCHES, STEPS, HEIGHT, WIDTH = 2, 4, 27, 48
CHANNELS, EMBEDDING, HIDDEN, COMPARISONS, KINDS = [3, 4, 5], 6, 4, 15, 5
# Of the steps of each stretch.
CLASSES = [[0, 1, 2, 0], [3, 0, 0, 4]]
WEIGHTS = [1.0, 3.0, 0.5, 2.0, 1.5]


def frame(number):
    """A made-up frame, [height, width, 3] whole numbers up to 255."""
    row, column = torch.arange(HEIGHT)[:, None, None], torch.arange(WIDTH)[None, :, None]
    color = torch.arange(3)[None, None]
    return (row * row * (number + 2) + 7 * column * (color + 1) + 31 * number + row * column) % 256


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(6, CHANNELS[0], 3, stride=2, padding=1)
        self.second = nn.Conv2d(CHANNELS[0], CHANNELS[1], 3, stride=2, padding=1)
        self.third = nn.Conv2d(CHANNELS[1], CHANNELS[2], 3, stride=2, padding=1)
        self.embedding = nn.Linear(4 * 6 * CHANNELS[2], EMBEDDING)
        self.memory = nn.LSTM(EMBEDDING + COMPARISONS, HIDDEN, bidirectional=True)
        self.output = nn.Linear(2 * HIDDEN, KINDS)

    def embed(self, images):
        """[frames, height, width, 6] to [frames, embedding]"""
        x = images.permute(0, 3, 1, 2)
        for convolution in (self.first, self.second, self.third):
            x = F.relu(convolution(x))
        return F.relu(self.embedding(x.permute(0, 2, 3, 1).flatten(1)))

    def forward(self, inputs):
        """[steps, stretches, embedding and comparisons] to [steps, stretches, kinds]"""
        return self.output(self.memory(inputs)[0])


def ours(name, tensor):
    """A parameter of PyTorch's by its name in a checkpoint, and in its shape there."""
    if tensor.dim() == 4:
        tensor = tensor.permute(0, 2, 3, 1).flatten(1)
    if name.startswith("memory."):
        _, rest = name.split(".")
        kind, part = rest.split("_")[:2]
        direction = "backwards" if rest.endswith("_reverse") else "forwards"
        name = f"{direction}.{'input' if part == 'ih' else 'recurrent'}.{kind}"
    return name, tensor


def main():
    torch.manual_seed(0)
    network = Network()
    with torch.no_grad():
        for parameter in network.parameters():
            scale = (2 / parameter[0].numel()) ** 0.5 if parameter.dim() > 1 else 0.3
            parameter.copy_(torch.randn(parameter.shape) * scale)
    network.double()

    stretches = []
    for stretch in range(STRETCHES):
        frames = torch.stack([frame(stretch * STEPS + step) for step in range(STEPS)]).double()
        before = torch.cat([frames[:1], frames[:-1]])
        stretches.append(torch.cat([frames / 127.5 - 1, (frames - before) / 127.5], dim=-1))
    images = torch.stack(stretches, dim=1).flatten(0, 1)
    comparisons = torch.rand(STEPS * STRETCHES, COMPARISONS).double()

    embedding = network.embed(images)
    inputs = torch.cat([embedding, comparisons], dim=1)
    inputs.retain_grad()
    logits = network(inputs.unflatten(0, (STEPS, STRETCHES))).flatten(0, 1)
    classes = torch.tensor(CLASSES).T.flatten()
    loss = F.cross_entropy(logits, classes, weight=torch.tensor(WEIGHTS).double(), reduction="sum") / len(classes)
    loss.backward()

    golden = {
        "comparisons": comparisons, "embedding": embedding, "logits": logits, "loss": loss[None], "inputs": inputs.grad,
    }
    for name, parameter in network.named_parameters():
        mine, value = ours(name, parameter)
        golden[f"shots.{mine}"] = value
        golden[f"gradient.{mine}"] = ours(name, parameter.grad)[1]
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("shot_golden.safetensors"))


if __name__ == "__main__":
    main()
