"""Captioners of Narrate's network in Python: PyTorch, ONNX Runtime, OpenVINO. Each loads its library only when made, so
that a process pays for what it uses.

They share what reads a picture (Pillow) and the beam search (numpy), which follows the rules of BeamSearch.swift.
"""

import json
import os
import time

import numpy as np
from PIL import Image, ImageOps

END = 2
EXCLUDED = [0, 1, 3]  # padding, beginning, unknown
BEGINNING = 1


def read_picture(path, side):
    """Read, decoded at the smallest of libjpeg's scales that Pillow's `draft` offers, upright."""
    with Image.open(path) as file:
        file.draft("RGB", (side, side))
        return ImageOps.exif_transpose(file).convert("RGB")


def square(image, side):
    """[side, side, 3], bytes: the whole picture."""
    if image.size != (side, side):
        shrinks = min(image.size) >= side
        image = image.resize((side, side), Image.Resampling.LANCZOS if shrinks else Image.Resampling.BICUBIC)
    return np.array(image)


class Peer:
    """What the captioners have in common: the model folder's configuration and vocabulary."""

    def __init__(self, model):
        with open(os.path.join(model, "config.json"), encoding="utf-8") as file:
            config = json.load(file)
        self.side, self.exponent = config["encoder"]["inputSize"], config["decoding"]["lengthExponent"]
        with open(os.path.join(model, "vocabulary.txt"), encoding="utf-8") as file:
            self.vocabulary = file.read().split("\n")

    def pixels(self, path):
        """[side, side, 3], bytes"""
        return square(read_picture(path, self.side), self.side)

    def caption(self, path, widths):
        """A sentence for each beam width, and the milliseconds of decoding, resizing, the encoder and, for each width,
        the decoder."""
        times = [time.perf_counter()]
        image = read_picture(path, self.side)
        times.append(time.perf_counter())
        pixels = square(image, self.side)[None]
        times.append(time.perf_counter())
        features = self.encode(pixels)
        times.append(time.perf_counter())
        sentences = []
        for width in widths:
            sentences.append(self.text(beam_search(self, features, width)[0][0]))
            times.append(time.perf_counter())
        return sentences, [1000 * (after - before) for before, after in zip(times, times[1:])]

    def text(self, words):
        return " ".join(self.vocabulary[word] for word in words if word != END)


class PyTorch(Peer):
    """Eager, channels last."""

    def __init__(self, model, _, threads):
        import torch

        import peer_networks

        super().__init__(model)
        self.torch = torch
        torch.set_num_threads(threads)
        torch.set_grad_enabled(False)
        self.encoder, self.first, self.next = peer_networks.networks(model)

    def encode(self, pixels):
        with self.torch.inference_mode():
            return self.encoder(self.torch.from_numpy(pixels)).numpy()

    def prepare(self, features):
        with self.torch.inference_mode():
            return [x.numpy() for x in self.first(self.torch.from_numpy(features))]

    def step(self, *inputs):
        with self.torch.inference_mode():
            return [x.numpy() for x in self.next(*(self.torch.from_numpy(x) for x in inputs))]


class ONNXRuntime(Peer):
    def __init__(self, model, cache, threads):
        import onnxruntime

        super().__init__(model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        # The three sessions have threads of their own; those of one must not spin while the next one works.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.encoder, self.first, self.next = (
            onnxruntime.InferenceSession(
                os.path.join(cache, f"{name}.onnx"), options, providers=["CPUExecutionProvider"])
            for name in ("encoder", "prepare", "step"))

    def encode(self, pixels):
        return self.encoder.run(None, {"pixels": pixels})[0]

    def prepare(self, features):
        return self.first.run(None, {"features": features})

    def step(self, words, values, keys, hidden, cell):
        return self.next.run(
            None, {"words": words, "values": values, "keys": keys, "hidden": hidden, "cell": cell})


class OpenVINO(Peer):
    def __init__(self, model, cache, threads):
        import openvino

        super().__init__(model)
        core = openvino.Core()
        settings = {
            "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32",
            "NUM_STREAMS": 1,
        }
        self.requests = [
            core.compile_model(core.read_model(os.path.join(cache, f"{name}.onnx")), "CPU", settings)
            .create_infer_request() for name in ("encoder", "prepare", "step")]

    def run(self, number, *inputs):
        """Outputs are views of the request's own memory, valid until its next run."""
        results = self.requests[number].infer(list(inputs), share_inputs=True, share_outputs=True)
        return list(results.values())

    def encode(self, pixels):
        return self.run(0, pixels)[0]

    def prepare(self, features):
        return self.run(1, features)

    def step(self, *inputs):
        return self.run(2, *inputs)


PEERS = {"PyTorch": PyTorch, "ONNX Runtime": ONNXRuntime, "OpenVINO": OpenVINO}


def beam_search(peer, features, width, maximum=20):
    """The best sentence of each picture, with each word's attention: [(words, [words, positions])].

    `features`: [pictures, positions, channels]. A sentence that has ended keeps its place in the beam as long as its
    score lasts. A picture whose sentences have all ended leaves the batch.
    """
    values, keys, hidden, cell = peer.prepare(features)
    pictures = np.arange(len(features))
    hidden, cell = (np.repeat(x[:, None], width, 1) for x in (hidden, cell))
    words = np.full((len(features), width), BEGINNING)
    sentences = np.zeros((len(features), width, maximum + 1), np.int64)
    rows = np.zeros_like(sentences)  # of each word, the row that it had: where its attention is
    scores = np.zeros((len(features), width), np.float32)
    lengths, ended = np.zeros((len(features), width), np.int64), np.zeros((len(features), width), bool)
    attention, places = [], []  # of each step; `places` says where a picture stood in its batch
    results = [None] * len(features)
    for length in range(maximum + 1):
        log_probabilities, new_hidden, new_cell, weights = peer.step(words, values, keys, hidden, cell)
        attention.append(np.array(weights))
        places.append(dict(zip(pictures.tolist(), range(len(pictures)))))
        totals = log_probabilities + scores[..., None]
        if length == 0:
            totals = totals[:, :1]
        forbid(totals, sentences[:, :totals.shape[1], :length], only_end=length == maximum)
        totals[ended[:, :totals.shape[1]]] = -np.inf
        # An ended sentence goes on as it is, under the padding's number.
        totals[..., 0][ended[:, :totals.shape[1]]] = scores[ended]
        scores, chosen = best(totals.reshape(len(totals), -1), width)
        parents, words = np.divmod(chosen, totals.shape[-1])

        each = np.arange(len(totals))[:, None]
        sentences, rows, lengths = sentences[each, parents], rows[each, parents], lengths[each, parents]
        ended = ended[each, parents]
        open_ones = ~ended
        sentences[..., length] = words
        rows[..., length] = parents
        lengths += open_ones
        ended |= words == END
        all_ended = ended.all(1)
        if length == maximum:
            all_ended[:] = True
        if all_ended.any():
            for place in np.flatnonzero(all_ended):
                ranked = scores[place] / lengths[place].astype(np.float32) ** peer.exponent
                row = int(ranked.argmax())
                count, picture = int(lengths[place, row]), int(pictures[place])
                seen = [attention[i][places[i][picture], rows[place, row, i]] for i in range(count)]
                results[picture] = sentences[place, row, :count].tolist(), seen
            kept = ~all_ended
            if not kept.any():
                return results
            pictures, parents, words, values, keys = (x[kept] for x in (pictures, parents, words, values, keys))
            new_hidden, new_cell = new_hidden[kept], new_cell[kept]
            sentences, rows, scores, lengths, ended = (x[kept] for x in (sentences, rows, scores, lengths, ended))
            each = np.arange(len(pictures))[:, None]
        hidden, cell = new_hidden[each, parents], new_cell[each, parents]
    return results


def forbid(totals, sentences, only_end):
    """No marker, no word twice in a row, no three words a second time."""
    if only_end:
        totals[..., :END], totals[..., END + 1:] = -np.inf, -np.inf
        return
    totals[..., EXCLUDED] = -np.inf
    length = sentences.shape[-1]
    if length == 0:
        return
    last = sentences[..., -1]
    np.put_along_axis(totals, last[..., None], -np.inf, -1)
    if length >= 4:
        same = (sentences[..., :-2] == sentences[..., -2:-1]) & (sentences[..., 1:-1] == last[..., None])
        picture, row, place = np.nonzero(same)
        totals[picture, row, sentences[picture, row, place + 2]] = -np.inf


def best(scores, count):
    """The highest of each row, sorted, of equals the first; found one after the other, which for a few is fastest. The
    scores are overwritten."""
    each = np.arange(len(scores))
    found = np.empty((len(scores), count), np.int64)
    values = np.empty((len(scores), count), scores.dtype)
    for place in range(count):
        found[:, place] = scores.argmax(1)
        values[:, place] = scores[each, found[:, place]]
        scores[each, found[:, place]] = -np.inf
    return values, found
