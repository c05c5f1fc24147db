"""Times translations in Narrate beside PyTorch, with the same weights, beam and thread, in one run.

    pip install torch numpy safetensors
    python Sources/Benchmarks/compare_translators.py --narrate .build/release/narrate --model models/translate-de --to de captions.txt

PyTorch runs the network eagerly in float32, one sentence at a time, as its users write it: its own bidirectional layer reads, its
cells write, the sentences of the beam side by side; it gets the sentences' units. Narrate gets the text, and its time includes what
becomes of it, but not the start of the program (the difference between all lines and one). By turns; medians over the rounds, of
processor time, which is that of a clock where nothing else runs. The translations are compared too: Narrate
multiplies whole numbers of eight bits, which may decide otherwise between sentences that are nearly as good.
"""

import argparse
import json
import pathlib
import resource
import statistics
import subprocess
import tempfile

BOS, END, MARKERS = 1, 2, 4


class Units:
    """Sub-word units as `source.txt` and `target.txt` have them."""

    def __init__(self, path):
        lines = path.read_text(encoding="utf-8").split("\n")[1:-1]
        letters = [line for line in lines if " " not in line]
        self.texts = [b""] * MARKERS + [bytes([byte]) for byte in range(256)]
        self.texts += [line.replace("\u2581", " ").encode() for line in letters]
        self.ids = {text.decode(): MARKERS + 256 + index for index, text in enumerate(self.texts[MARKERS + 256 :])}
        self.merges = {}
        for line in lines[len(letters) :]:
            left, right = (part.replace("\u2581", " ") for part in line.split(" "))
            if left + right not in self.ids:
                self.ids[left + right] = len(self.texts)
                self.texts.append((left + right).encode())
            self.merges[self.ids[left], self.ids[right]] = (len(self.merges), self.ids[left + right])

    @staticmethod
    def kind(letter):
        if letter.isalpha() or letter in "'’-":
            return "letter"
        return "digit" if letter.isascii() and letter.isdigit() else "space" if letter == " " else "mark"

    def encode(self, text):
        ids, start, text = [], 0, " " + text
        while start < len(text):
            end, kind = start + 1, self.kind(text[start])
            if kind == "space" and end < len(text) and self.kind(text[end]) != "space":
                kind, end = self.kind(text[end]), end + 1
            while kind != "space" and end < len(text) and self.kind(text[end]) == kind:
                end += 1
            chunk = []
            for letter in text[start:end]:
                chunk += [self.ids[letter]] if letter in self.ids else [MARKERS + byte for byte in letter.encode()]
            while found := [(self.merges[pair], at) for at, pair in enumerate(zip(chunk, chunk[1:])) if pair in self.merges]:
                (_, unit), at = min(found)
                chunk[at : at + 2] = [unit]
            ids, start = ids + chunk, end
        return ids

    def decode(self, ids):
        return b"".join(self.texts[unit] for unit in ids).decode(errors="replace").removeprefix(" ")


def translator(torch, w, configuration, beam):
    """A function from units to units."""
    F, sizes = torch.nn.functional, configuration["decoder"]
    cell, hidden_size, embedding = sizes.get("cell", "lstm"), sizes["hidden"], sizes["embedding"]
    inputs, width = configuration["encoder"]["embedding"], configuration["encoder"]["hidden"]
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU, "rnn": torch.nn.RNN}[cell](inputs, width, bidirectional=True)
    step = {"lstm": torch.nn.LSTMCell, "gru": torch.nn.GRUCell, "rnn": torch.nn.RNNCell}[cell]
    step = step(embedding + sizes["projection"], hidden_size)
    with torch.no_grad():
        for direction, suffix in (("forwards", ""), ("backwards", "_reverse")):
            for part, name in (("input", "ih"), ("recurrent", "hh")):
                for kind in ("weight", "bias"):
                    target = getattr(layer, f"{kind}_{name}_l0{suffix}")
                    target.copy_(w[f"encoder.0.{direction}.{part}.{kind}"])
        recurrent = w[f"decoder.{cell}.recurrent.weight"]
        fed = w["decoder.gru.context.weight"] if cell == "gru" else recurrent[:, hidden_size:]
        step.weight_ih.copy_(torch.cat([w[f"decoder.{cell}.input.weight"], fed], 1))
        step.bias_ih.copy_(w[f"decoder.{cell}.input.bias"])
        step.weight_hh.copy_(recurrent[:, :hidden_size])
        step.bias_hh.zero_()

    def linear(x, name):
        return F.linear(x, w[f"decoder.{name}.weight"], w[f"decoder.{name}.bias"])

    def translate(units):
        features = layer(w["encoder.embedding.weight"][units + [END]])[0]
        values = F.relu(linear(features, "projection"))
        mean = values.mean(0, keepdim=True)
        hidden = linear(mean, "initial.hidden")
        memory = linear(mean, "initial.cell") if cell == "lstm" else None
        keys = linear(values, "key") if sizes["attention"] else None

        def look(hidden):
            gate = torch.sigmoid(linear(hidden, "gate"))
            if keys is None:
                return gate * mean
            query = F.linear(hidden, w["decoder.query.weight"])
            energy = torch.tanh(keys[None] + query[:, None]) @ w["decoder.score.weight"]
            return gate * (torch.softmax(energy, 1) @ values)

        context, words, scores, done = look(hidden), torch.tensor([BOS]), torch.zeros(1), []
        sentences = [[]]
        for _ in range(2 * (len(units) + 1) + 10):
            x = torch.cat([w["decoder.embedding.weight"][words], context], 1)
            if cell == "lstm":
                hidden, memory = step(x, (hidden, memory))
            else:
                hidden = step(x, hidden)
            context = look(hidden)
            logits = linear(hidden + linear(context, "readout"), "output")
            logits[:, [0, 1, 3]] = -torch.inf
            total = scores[:, None] + torch.log_softmax(logits, 1)
            best, places = total.flatten().topk(beam)
            found = [(score, *divmod(place, logits.shape[1])) for score, place in zip(best.tolist(), places.tolist())]
            found = [(score, sentences[row] + [unit], row, unit) for score, row, unit in found]
            # Finished sentences keep their place as long as their score lasts.
            both = sorted(done + found, key=lambda entry: -entry[0])[:beam]
            done = [entry for entry in both if entry[3] == END]
            going = [entry for entry in both if entry[3] != END]
            if not going:
                break
            rows = torch.tensor([entry[2] for entry in going])
            sentences, scores = [entry[1] for entry in going], torch.tensor([entry[0] for entry in going])
            words = torch.tensor([entry[3] for entry in going])
            hidden, context = hidden[rows], context[rows]
            memory = memory[rows] if memory is not None else None
        exponent = configuration["decoding"]["lengthExponent"]
        best = max(done or going, key=lambda entry: entry[0] / len(entry[1]) ** exponent)
        return [unit for unit in best[1] if unit != END]

    return translate


def processor_time(who):
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--to", required=True)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("captions", type=pathlib.Path, help="sentences, one a line")
    arguments = parser.parse_args()

    import torch
    from safetensors.torch import load_file

    torch.set_num_threads(1)
    weights = {name: tensor.float() for name, tensor in load_file(arguments.model / "model.safetensors").items()}
    configuration = json.loads((arguments.model / "config.json").read_text())
    source, target = Units(arguments.model / "source.txt"), Units(arguments.model / "target.txt")
    translate = translator(torch, weights, configuration, arguments.beam)
    lines = [line for line in arguments.captions.read_text(encoding="utf-8").splitlines() if line.strip()]
    # As Narrate gives captions to its network.
    sentences = [line[:1].upper() + line[1:] + ("" if line.endswith(".") else ".") for line in lines]
    sentences = [source.encode(sentence) for sentence in sentences]

    command = [arguments.narrate, "translate", "--to", arguments.to, "--model", arguments.model, "--threads", "1"]
    command += ["--beam", str(arguments.beam)]
    with tempfile.TemporaryDirectory() as folder, torch.inference_mode():
        one, all_lines = pathlib.Path(folder, "one.txt"), pathlib.Path(folder, "all.txt")
        one.write_text(lines[0] + "\n", encoding="utf-8")
        all_lines.write_text("\n".join(lines) + "\n", encoding="utf-8")

        def narrate(path):
            start = processor_time(resource.RUSAGE_CHILDREN)
            output = subprocess.run([*command, "--file", path], check=True, capture_output=True, text=True).stdout
            return processor_time(resource.RUSAGE_CHILDREN) - start, output.splitlines()

        times = {"PyTorch": [], "Narrate": []}
        for _ in range(arguments.rounds):
            start = processor_time(resource.RUSAGE_SELF)
            theirs = [target.decode(translate(sentence)) for sentence in sentences]
            times["PyTorch"].append((processor_time(resource.RUSAGE_SELF) - start) / len(lines))
            seconds, ours = narrate(all_lines)
            times["Narrate"].append((seconds - narrate(one)[0]) / max(1, len(lines) - 1))

    def plain(text):
        return text.lower().removesuffix(".").strip()

    same = sum(plain(a) == plain(b) for a, b in zip(ours, theirs))
    print(f"{len(lines)} sentences, {same} translated to the same words")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:8} {1000 * median:7.2f} ms a sentence   {median / medians['Narrate']:5.2f} of Narrate's")


if __name__ == "__main__":
    main()
