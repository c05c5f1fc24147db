"""Writes decoder_golden.safetensors: loss and gradients of a tiny caption decoder, by PyTorch's autograd.

    pip install torch numpy safetensors
    python Tests/ModelsTests/Fixtures/make_decoder_golden.py

Weights and features are random (seed 0), rounded to float32; the arithmetic is float64 and what it gives is
stored as float32. A caption of n words, BOS = 1 and EOS = 2 included, has n - 1 steps: step t reads word t
and predicts word t + 1.

    decoder.*     the weights, with the names of a checkpoint
    features      [2, 4, 9] images, positions, depth of the encoder's grid features
    loss          [1] cross entropy, label smoothing 0.1, mean over all words, plus 1.0 times the penalty
    penalty       [1] mean over captions and positions of (1 - sum of the attention weights over the steps)^2
    logits        [5, 13] steps and vocabulary of CAPTIONS[1]
    greedy.words, greedy.attention
                  the caption of image 1 that takes the likeliest word each time, but none twice in a row and none of
                  PAD, BOS and UNK = 3, and the attention weights by which each word was chosen: [4], [4, 4]
    gradient.*    of the loss, by each weight, named without `decoder.`
"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

VOCABULARY, EMBEDDING, HIDDEN, ATTENTION, PROJECTION, DEPTH = 13, 6, 8, 5, 7, 9
IMAGES, POSITIONS = 2, 4
SMOOTHING, PENALTY_WEIGHT = 0.1, 1.0
# The image each caption is of, and its words.
CAPTIONS = [(0, [1, 4, 5, 2]), (1, [1, 6, 7, 8, 9, 2]), (1, [1, 2]), (0, [1, 10, 11, 12, 4, 2])]

SHAPES = {
    "embedding.weight": [VOCABULARY, EMBEDDING],
    "projection.weight": [PROJECTION, DEPTH],
    "projection.bias": [PROJECTION],
    "key.weight": [ATTENTION, PROJECTION],
    "key.bias": [ATTENTION],
    "query.weight": [ATTENTION, HIDDEN],
    "score.weight": [ATTENTION],
    "gate.weight": [1, HIDDEN],
    "gate.bias": [1],
    "lstm.input.weight": [4 * HIDDEN, EMBEDDING],
    "lstm.input.bias": [4 * HIDDEN],
    "lstm.recurrent.weight": [4 * HIDDEN, HIDDEN + PROJECTION],
    "initial.hidden.weight": [HIDDEN, PROJECTION],
    "initial.hidden.bias": [HIDDEN],
    "initial.cell.weight": [HIDDEN, PROJECTION],
    "initial.cell.bias": [HIDDEN],
    "readout.weight": [HIDDEN, PROJECTION],
    "readout.bias": [HIDDEN],
    "output.weight": [VOCABULARY, HIDDEN],
    "output.bias": [VOCABULARY],
}


def random(shape):
    """Normal values of deviation 0.3 that float32 holds exactly."""
    return (torch.randn(shape) * 0.3).double()


def decode(w, features, words):
    """Logits [steps, vocabulary] and attention weights [steps, positions] of one caption."""
    # values [positions, projection], keys [positions, attention]
    values = F.relu(F.linear(features, w["projection.weight"], w["projection.bias"]))
    keys = F.linear(values, w["key.weight"], w["key.bias"])
    mean = values.mean(0)
    hidden = F.linear(mean, w["initial.hidden.weight"], w["initial.hidden.bias"])
    cell = F.linear(mean, w["initial.cell.weight"], w["initial.cell.bias"])

    def look():
        """Attention weights [positions] by the hidden state, and what is seen [projection]."""
        query = F.linear(hidden, w["query.weight"])
        alpha = torch.softmax(torch.tanh(keys + query) @ w["score.weight"], dim=0)
        beta = torch.sigmoid(F.linear(hidden, w["gate.weight"], w["gate.bias"]))
        return alpha, beta * (alpha @ values)

    logits, attention = [], []
    seen = look()[1]
    for word in words[:-1]:
        joined = torch.cat([hidden, seen])
        gates = F.linear(w["embedding.weight"][word], w["lstm.input.weight"], w["lstm.input.bias"])
        i, f, g, o = (gates + F.linear(joined, w["lstm.recurrent.weight"])).chunk(4)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        hidden = torch.sigmoid(o) * torch.tanh(cell)
        alpha, seen = look()
        output = hidden + F.linear(seen, w["readout.weight"], w["readout.bias"])
        logits.append(F.linear(output, w["output.weight"], w["output.bias"]))
        attention.append(alpha)
    return torch.stack(logits), torch.stack(attention)


def main():
    torch.manual_seed(0)
    weights = {name: random(shape).requires_grad_() for name, shape in SHAPES.items()}
    # As the encoder's, after ReLU6: many are 0.
    features = (random([IMAGES, POSITIONS, DEPTH]) * 8).clamp(0, 6)

    decoded = [decode(weights, features[image], words) for image, words in CAPTIONS]
    greedy = [1]
    for _ in range(4):
        scores = decode(weights, features[1], greedy + [0])[0][-1].detach().clone()
        scores[[0, 1, 3, greedy[-1]]] = -torch.inf
        greedy.append(int(scores.argmax()))
    chosen_by = decode(weights, features[1], greedy)[1]

    targets = torch.tensor([word for _, words in CAPTIONS for word in words[1:]])
    logits = torch.cat([logits for logits, _ in decoded])
    entropy = F.cross_entropy(logits, targets, label_smoothing=SMOOTHING)
    penalty = torch.stack([(1 - attention.sum(0)).square() for _, attention in decoded]).mean()
    loss = entropy + PENALTY_WEIGHT * penalty
    loss.backward()

    golden = {"features": features, "loss": loss[None], "penalty": penalty[None], "logits": decoded[1][0]}
    golden |= {"greedy.words": torch.tensor(greedy[1:]), "greedy.attention": chosen_by}
    for name, weight in weights.items():
        golden[f"decoder.{name}"] = weight
        golden[f"gradient.{name}"] = weight.grad
    golden = {name: tensor.detach().float().contiguous() for name, tensor in golden.items()}
    save_file(golden, pathlib.Path(__file__).with_name("decoder_golden.safetensors"))


if __name__ == "__main__":
    main()
