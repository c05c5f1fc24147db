"""Narrate beside transformers, PyTorch, ONNX Runtime and OpenVINO with the networks of public checkpoints, GIT and BLIP.

    pip install torch transformers onnx onnxscript onnxruntime openvino nncf numpy pillow safetensors
    swift build -c release
    python Sources/Benchmarks/compare_checkpoints.py PICTURE... [--rounds 5] [--threads 2] [--work FOLDER]

This file is Sources/Benchmarks/compare_checkpoints.py and takes from compare_captioners.py how is measured.

Pictures are captioned one at a time, with a beam of 3 and exactly 20 pieces of words: weights are random (make_checkpoints.py), and
the end is forbidden or, as Narrate cannot be told so, next to impossible (the table says how many pieces Narrate wrote). Only the
encoder and the decoder are timed. Contestants:

    Narrate              `narrate benchmark`, a process a round
    transformers         its models and its `generate`, eager, with a cache; bf16 by model.bfloat16() and by autocast
    PyTorch              its models' layers in the networks below, eager
    ONNX Runtime         the same, exported; int8 by quantize_dynamic
    OpenVINO             the same, exported; int8 by NNCF: the encoder quantized, the decoder's weights compressed

All but the first two share two networks and a beam search in numpy: `see` makes of a picture the keys and values that all beams look
at, once; `write` makes a step with the cache of the beams' own keys and values. In f32 their logits have to be those of transformers.
The networks' files are kept in `--work`. `--small` takes the tests' small checkpoints: to try the script, not to compare.
"""

import argparse
import json
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile

os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import time

import numpy as np
from PIL import Image

from compare_captioners import ALLOCATOR, Quiet, machine, process, say

HERE = os.path.dirname(os.path.abspath(__file__))
BEAM, PIECES = 3, 20
MEAN, DEVIATION = [0.48145466, 0.4578275, 0.40821073], [0.26862954, 0.26130258, 0.27577711]
FORBIDDEN = -1e9
TOLERATED = 1e-3  # of the largest logit


# The networks, of transformers' layers


def load(folder):
    import torch
    from transformers import BlipForConditionalGeneration, GitForCausalLM

    torch.set_grad_enabled(False)
    with open(os.path.join(folder, "config.json"), encoding="utf-8") as file:
        kind = json.load(file)["model_type"]
    return {"git": GitForCausalLM, "blip": BlipForConditionalGeneration}[kind].from_pretrained(folder).eval()


def text_of(model):
    return model.git if hasattr(model, "git") else model.text_decoder.bert


def heads(x, attention):
    """[rows, width] to [heads, rows, size]"""
    return x.unflatten(-1, (attention.num_attention_heads, -1)).transpose(0, 1)


def see(model, pixels):
    """[1, 3, side, side] to keys [heads, size, tokens] and values [heads, tokens, size] of each layer."""
    from torch.nn.functional import scaled_dot_product_attention

    layers, result = text_of(model).encoder.layer, []
    if hasattr(model, "git"):
        # The picture is the beginning of the text, which sees itself only: its way through the decoder's layers is the same always.
        x = model.git.visual_projection(model.git.image_encoder(pixels).last_hidden_state)[0]
        for index, layer in enumerate(layers):
            own = layer.attention.self
            query, key, value = (heads(f(x), own) for f in (own.query, own.key, own.value))
            result += [key.transpose(1, 2).contiguous(), value.contiguous()]
            if index + 1 < len(layers):
                seen = scaled_dot_product_attention(query[None], key[None], value[None])[0]
                x = layer.feed_forward_chunk(layer.attention.output(seen.transpose(0, 1).flatten(1), x))
    else:
        x = model.vision_model(pixels).last_hidden_state[0]
        for layer in layers:
            cross = layer.crossattention.self
            result += [heads(cross.key(x), cross).transpose(1, 2).contiguous(), heads(cross.value(x), cross).contiguous()]
    return result


def write(model, words, position, mask, cache, *picture):
    """words: [beams]; position: [1]; mask, added to scores: [places + 1], the last of which is the word's own; cache: [2 * layers, beams,
    heads, places, size]; picture: what `see` made. To logits [beams, vocabulary] and new keys and values [2 * layers, beams, heads, size].

    Beams are rows of one multiplication by what all of them look at."""
    import torch

    isGIT = hasattr(model, "git")
    x = text_of(model).embeddings(words[:, None], position_ids=position[None])[:, 0]
    new = []
    for index, layer in enumerate(text_of(model).encoder.layer):
        own = layer.attention.self
        query, key, value = (heads(f(x), own).transpose(0, 1) for f in (own.query, own.key, own.value))
        new += [key, value]
        keys = torch.cat([cache[2 * index], key[:, :, None]], 2)
        values = torch.cat([cache[2 * index + 1], value[:, :, None]], 2)
        query = query / math.sqrt(own.attention_head_size)
        scores = (query[:, :, None] @ keys.transpose(2, 3))[:, :, 0] + mask
        if isGIT:
            places = scores.shape[-1]
            scores = torch.cat([scores, (query.transpose(0, 1) @ picture[2 * index]).transpose(0, 1)], -1)
        weights = scores.softmax(-1)
        if isGIT:
            of_picture = (weights[..., places:].transpose(0, 1) @ picture[2 * index + 1]).transpose(0, 1)
            seen = (weights[..., None, :places] @ values)[:, :, 0] + of_picture
        else:
            seen = (weights[:, :, None] @ values)[:, :, 0]
        x = layer.attention.output(seen.flatten(1), x)
        if not isGIT:
            cross = layer.crossattention.self
            query = heads(cross.query(x), cross) / math.sqrt(cross.attention_head_size)
            seen = (query @ picture[2 * index]).softmax(-1) @ picture[2 * index + 1]
            x = layer.crossattention.output(seen.transpose(0, 1).flatten(1), x)
        x = layer.feed_forward_chunk(x)
    return (model.output(x) if isGIT else model.text_decoder.cls(x)), torch.stack(new)


# Files


def pixels_of(path, settings):
    """[1, 3, side, side], normalized, as the processors of GIT (the middle) and BLIP (all of it) make them."""
    side = settings["side"]
    with Image.open(path) as file:
        image = file.convert("RGB")
    if settings["crops"]:
        shortest = min(image.size)
        width, height = (length * side // shortest for length in image.size)
        left, top = (width - side) // 2, (height - side) // 2
        image = image.resize((width, height), Image.Resampling.BICUBIC).crop((left, top, left + side, top + side))
    else:
        image = image.resize((side, side), Image.Resampling.BICUBIC)
    x = (np.asarray(image, np.float32) / 255 - np.float32(MEAN)) / np.float32(DEVIATION)
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None])


def prepare(folder, picture):
    """Writes the networks' files beside the checkpoint, and the caption and the logits of transformers to check them by."""
    import torch

    model = load(os.path.join(folder, "checkpoint"))
    isGIT = hasattr(model, "git")
    text = model.config if isGIT else model.config.text_config
    attention = text_of(model).encoder.layer[0].attention.self
    settings = {
        "side": model.config.vision_config.image_size, "crops": isGIT, "first": text.bos_token_id,
        "end": text.eos_token_id if isGIT else text.sep_token_id, "layers": text.num_hidden_layers,
        "heads": attention.num_attention_heads, "size": attention.attention_head_size}
    pixels = torch.from_numpy(pixels_of(picture, settings))
    words = generate(model, pixels)
    ids = torch.tensor([[settings["first"], *words[:-1]]])
    logits = model(input_ids=ids, pixel_values=pixels).logits[0, -PIECES:]
    np.savez(os.path.join(folder, "reference.npz"), words=np.array(words), logits=logits.numpy(), pixels=pixels.numpy())

    class Network(torch.nn.Module):
        def __init__(self, function):
            super().__init__()
            self.model, self.function = model, function

        def forward(self, *inputs):
            return self.function(self.model, *inputs)

    state = [torch.from_numpy(x) for x in first_state(settings)]
    seen = see(model, pixels)
    names = [f"picture.{index}" for index in range(len(seen))]
    for function, inputs, input_names, outputs in (
        (see, [pixels], ["pixels"], names),
        (write, [*state, *seen], ["words", "position", "mask", "cache", *names], ["logits", "new"]),
    ):
        path = os.path.join(folder, function.__name__)
        torch.onnx.export(
            Network(function), tuple(inputs), f"{path}.onnx", input_names=input_names, output_names=outputs, dynamo=True,
            external_data=False, verbose=False)
    del model
    quantize(folder, pixels.numpy())
    with open(os.path.join(folder, "settings.json"), "w", encoding="utf-8") as file:
        json.dump(settings, file)


def quantize(folder, pixels):
    import nncf
    import openvino
    from onnxruntime.quantization import QuantType, quantize_dynamic

    core = openvino.Core()
    for name in ("see", "write"):
        path = os.path.join(folder, name)
        quantize_dynamic(
            f"{path}.onnx", f"{path}-int8.onnx", weight_type=QuantType.QInt8, per_channel=True,
            op_types_to_quantize=["MatMul", "Gemm"])
        network = core.read_model(f"{path}.onnx")
        if name == "see":
            network = nncf.quantize(
                network, nncf.Dataset([pixels]), model_type=nncf.ModelType.TRANSFORMER, subset_size=1)
        else:
            network = nncf.compress_weights(network)
        openvino.save_model(network, f"{path}-int8.xml", compress_to_fp16=False)


# Contestants. Each loads its library only when made, so that a process pays for what it uses.


def generate(model, pixels):
    ids = model.generate(
        pixel_values=pixels, num_beams=BEAM, do_sample=False, min_new_tokens=PIECES, max_new_tokens=PIECES, use_cache=True)
    return ids[0, -PIECES:].tolist()


class Transformers:
    def __init__(self, folder, threads, precision, casts=False):
        import torch

        torch.set_num_threads(threads)
        self.torch, self.casts = torch, casts
        self.model = load(os.path.join(folder, "checkpoint"))
        if precision == "bf16" and not casts:
            self.model.bfloat16()

    def caption(self, pixels):
        """The pieces, and the milliseconds of encoder and decoder, or of both."""
        torch, start = self.torch, time.perf_counter()
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=self.casts):
            words = generate(self.model, torch.from_numpy(pixels).to(self.model.dtype))
        return words, [1000 * (time.perf_counter() - start)]

    def error(self):
        return None


def first_state(settings):
    """Words, position, mask and cache of the first step, see `write`."""
    mask = np.full(PIECES + 1, FORBIDDEN, np.float32)
    mask[-1] = 0
    cache = np.zeros((2 * settings["layers"], BEAM, settings["heads"], PIECES, settings["size"]), np.float32)
    return np.full(BEAM, settings["first"]), np.zeros(1, np.int64), mask, cache


def best(scores, count):
    """The highest, sorted, and where they are. They are overwritten."""
    values, places = np.empty(count, scores.dtype), np.empty(count, np.int64)
    for index in range(count):
        places[index] = scores.argmax()
        values[index] = scores[places[index]]
        scores[places[index]] = -np.inf
    return values, places


class Searcher:
    """What those have in common that `see` and `write`: the beam search."""

    def __init__(self, folder):
        self.folder = folder
        with open(os.path.join(folder, "settings.json"), encoding="utf-8") as file:
            self.settings = json.load(file)

    def caption(self, pixels):
        times = [time.perf_counter()]
        picture = self.see(pixels)
        times.append(time.perf_counter())
        words, position, mask, cache = first_state(self.settings)
        sentences, scores = np.zeros((BEAM, PIECES), np.int64), np.zeros(BEAM, np.float32)
        scores[1:] = -np.inf  # at first all beams are the same
        for step in range(PIECES):
            logits, new = self.write(words, position, mask, cache, picture)
            highest = logits.max(1, keepdims=True)
            shift = scores[:, None] - highest - np.log(np.exp(logits - highest).sum(1, keepdims=True))
            totals = logits + shift
            totals[:, self.settings["end"]] = -np.inf
            scores, chosen = best(totals.reshape(-1), BEAM)
            parents, words = np.divmod(chosen, totals.shape[1])
            sentences = sentences[parents]
            sentences[:, step] = words
            self.keep(step, position, mask, cache, new, parents)
        times.append(time.perf_counter())
        return sentences[0].tolist(), [1000 * (after - before) for before, after in zip(times, times[1:])]

    @staticmethod
    def keep(step, position, mask, cache, new, parents):
        """The word's keys and values join the cache, of which every beam takes its parent's."""
        cache[:, :, :, step] = new
        cache[:, :, :, :step + 1] = cache[:, parents, :, :step + 1]
        position[0], mask[step] = step + 1, 0

    def error(self):
        """The largest difference of a logit from transformers' in f32, to the largest logit, along the caption of that."""
        reference = np.load(os.path.join(self.folder, "reference.npz"))
        picture = self.see(reference["pixels"])
        words, position, mask, cache = first_state(self.settings)
        largest = 0
        for step in range(PIECES):
            logits, new = self.write(words, position, mask, cache, picture)
            largest = max(largest, np.abs(logits - reference["logits"][step]).max())
            words = np.full(BEAM, reference["words"][step])
            self.keep(step, position, mask, cache, new, np.arange(BEAM))
        return float(largest / np.abs(reference["logits"]).max())


class PyTorch(Searcher):
    def __init__(self, folder, threads, precision):
        import torch

        super().__init__(folder)
        torch.set_num_threads(threads)
        self.torch = torch
        self.type = {"f32": torch.float32, "bf16": torch.bfloat16}[precision]
        self.model = load(os.path.join(folder, "checkpoint")).to(self.type)

    def see(self, pixels):
        with self.torch.inference_mode():
            return see(self.model, self.torch.from_numpy(pixels).to(self.type))

    def write(self, words, position, mask, cache, picture):
        with self.torch.inference_mode():
            words, position, mask, cache = (self.torch.from_numpy(x) for x in (words, position, mask, cache))
            results = write(self.model, words, position, mask.to(self.type), cache.to(self.type), *picture)
            return [x.float().numpy() for x in results]


class ONNXRuntime(Searcher):
    def __init__(self, folder, threads, precision):
        import onnxruntime

        super().__init__(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        # The sessions have threads of their own; those of one must not spin while the other works.
        options.add_session_config_entry("session.force_spinning_stop", "1")
        ending = {"f32": ".onnx", "int8": "-int8.onnx"}[precision]
        self.networks = [
            onnxruntime.InferenceSession(os.path.join(folder, name + ending), options, providers=["CPUExecutionProvider"])
            for name in ("see", "write")]
        self.names = [[x.name for x in network.get_inputs()] for network in self.networks]

    def see(self, pixels):
        return self.networks[0].run(None, {"pixels": pixels})

    def write(self, words, position, mask, cache, picture):
        inputs = [words, position, mask, cache, *picture]
        return self.networks[1].run(None, dict(zip(self.names[1], inputs, strict=True)))


class OpenVINO(Searcher):
    def __init__(self, folder, threads, precision):
        import openvino

        super().__init__(folder)
        core = openvino.Core()
        settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1}
        if precision != "int8":  # then what is not int8 is left to the library
            settings["INFERENCE_PRECISION_HINT"] = precision
        ending = "-int8.xml" if precision == "int8" else ".onnx"
        self.requests = [
            core.compile_model(core.read_model(os.path.join(folder, name + ending)), "CPU", settings).create_infer_request()
            for name in ("see", "write")]

    def run(self, number, inputs):
        """Outputs are views of the request's own memory, valid until its next run."""
        return list(self.requests[number].infer(inputs, share_inputs=True, share_outputs=True).values())

    def see(self, pixels):
        return self.run(0, [pixels])

    def write(self, words, position, mask, cache, picture):
        return self.run(1, [words, position, mask, cache, *picture])


NARRATE = {f"Narrate, {precision}": precision for precision in ("f32", "bf16", "int8")}
PEERS = {
    "transformers, f32": (Transformers, "f32"),
    "transformers, bf16": (Transformers, "bf16"),
    "transformers, bf16 by autocast": (Transformers, "bf16", True),
    "PyTorch, f32": (PyTorch, "f32"),
    "PyTorch, bf16": (PyTorch, "bf16"),
    "ONNX Runtime, f32": (ONNXRuntime, "f32"),
    "ONNX Runtime, int8": (ONNXRuntime, "int8"),
    "OpenVINO, f32": (OpenVINO, "f32"),
    "OpenVINO, bf16": (OpenVINO, "bf16"),
    "OpenVINO, int8": (OpenVINO, "int8"),
}


def make(name, folder, threads):
    kind, *more = PEERS[name]
    return kind(folder, threads, *more)


class Worker:
    """A peer in a process of its own, which waits while others are measured."""

    def __init__(self, name, folder, threads):
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        before = dict(os.environ)
        os.environ.update(allocator(name))
        self.process = context.Process(target=self.serve, args=(end, name, folder, threads), daemon=True)
        self.process.start()
        os.environ.clear()
        os.environ.update(before)
        self.error = self.receive()

    @staticmethod
    def serve(pipe, name, folder, threads):
        contestant = make(name, folder, threads)
        pipe.send(contestant.error())
        while (request := pipe.recv()) is not None:
            before = time.process_time()
            results = [contestant.caption(pixels) for pixels in request]
            pipe.send((results, time.process_time() - before))

    def receive(self):
        try:
            return self.pipe.recv()
        except EOFError:
            raise SystemExit(f"a contestant ended with {self.process.exitcode}") from None

    def captions(self, pictures):
        """What `caption` gives of each, and the processor time."""
        self.pipe.send(pictures)
        return self.receive()

    def stop(self):
        self.pipe.send(None)
        self.process.join()


def allocator(name):
    return ALLOCATOR if name.startswith(("transformers", "PyTorch")) else {}


# Measuring


def files(arguments, kind):
    """The folder with everything that contestants read of a network, made where it is not there."""
    folder = os.path.join(arguments.work, f"{kind}-small" if arguments.small else kind)
    fixtures = os.path.join(HERE, "../../Tests/ModelsTests/Fixtures") if arguments.fixtures is None else arguments.fixtures
    if os.path.exists(os.path.join(folder, "settings.json")):
        return folder
    say(f"{kind}: making its files")
    os.makedirs(folder, exist_ok=True)
    checkpoint = os.path.join(folder, "checkpoint")
    if arguments.small:
        if not os.path.exists(checkpoint):
            os.symlink(os.path.abspath(os.path.join(fixtures, "checkpoints", kind.split("-")[0])), checkpoint)
    else:
        run([sys.executable, os.path.join(fixtures, "make_checkpoints.py"), "--full", kind, checkpoint])
    run([arguments.narrate, "import", checkpoint, "--force", "--output", os.path.join(folder, "model")])
    # In a process of its own, as what this one holds would be counted as its children's memory.
    run([sys.executable, "-W", "ignore", __file__, "--prepare", folder, arguments.pictures[0]])
    return folder


def run(command):
    """Shows what a program said only if it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}\n{' '.join(command)} failed with {done.returncode}")


def narrate_times(arguments, folder, precision):
    """Milliseconds of the encoder and of the decoder, and the processor time."""
    output, _, _, used = process(
        [arguments.narrate, "benchmark", *arguments.pictures, "--model", os.path.join(folder, "model"), "--beam", str(BEAM),
         "--rounds", str(arguments.repeats), "--precision", precision, "--threads", str(arguments.threads), "--format", "json"])
    result = json.loads(output)
    return [result["encoder_milliseconds"], result["decoder_milliseconds"][str(BEAM)]], used


def peer_times(worker, pixels):
    results, used = worker.captions(pixels)
    return [statistics.median(column) for column in zip(*(times for _, times in results))], used


def starts(arguments, folder, quiet):
    """{contestant: seconds from a process's start to the end of its first caption, peak megabytes}, with the files in the system's
    cache; and how many pieces Narrate wrote."""
    results, pieces = {}, {}
    for name in arguments.contestants:
        say(f"{os.path.basename(folder)}: a process of {name}")
        if name in NARRATE:
            command = [arguments.narrate, "caption", arguments.pictures[0], "--model", os.path.join(folder, "model"), "--beam",
                       str(BEAM), "--precision", NARRATE[name], "--threads", str(arguments.threads), "--format", "json"]
        else:
            command = [sys.executable, "-W", "ignore", __file__, "--first", name, "--prepare", folder, "--threads",
                       str(arguments.threads), arguments.pictures[0]]

        def first():
            output, seconds, megabytes, used = process(command, "PyTorch" if allocator(name) else name)
            return (output, seconds, megabytes), used

        found = [quiet.measure(first) for _ in range(arguments.starts + 1)]
        found = found[1:] or found  # the first fills the system's cache
        results[name] = [statistics.median(column) for column in list(zip(*found))[1:]]
        if name in NARRATE:
            # The synthetic vocabulary has pieces of four letters.
            caption = json.loads(found[0][0])[0]["caption"]
            pieces[name] = sum(letter.isalpha() for letter in caption) / 4
    return results, pieces


def compare(arguments, kind, quiet):
    folder = files(arguments, kind)
    with open(os.path.join(folder, "settings.json"), encoding="utf-8") as file:
        settings = json.load(file)
    # First, as long as this process is small.
    first, pieces = starts(arguments, folder, quiet)
    pixels = [pixels_of(path, settings) for path in arguments.pictures for _ in range(arguments.repeats)]
    expected = np.load(os.path.join(folder, "reference.npz"))["words"].tolist()
    workers, same, rounds = {}, {}, {name: [] for name in arguments.contestants}
    for name in arguments.contestants:
        if name in PEERS:
            workers[name] = worker = Worker(name, folder, arguments.threads)
            if name.endswith("f32") and worker.error is not None and not worker.error <= TOLERATED:
                raise SystemExit(f"{kind}: the logits of {name} differ from those of transformers by {worker.error:.2g}")
            same[name] = worker.captions(pixels[:1])[0][0][0] == expected
    for number in range(arguments.rounds):
        say(f"{kind}: round {number + 1} of {arguments.rounds}")
        for name in arguments.contestants:
            if name in NARRATE:
                times = quiet.measure(narrate_times, arguments, folder, NARRATE[name])
            else:
                times = quiet.measure(peer_times, workers[name], pixels)
            rounds[name].append(times)
    errors = {name: worker.error for name, worker in workers.items()}
    for worker in workers.values():
        worker.stop()
    return {
        name: {
            "stages": [statistics.median(column) for column in zip(*found)],
            "total": statistics.median(map(sum, found)), "least": min(map(sum, found)), "most": max(map(sum, found)),
            "first": first[name][0], "megabytes": first[name][1], "error": errors.get(name), "same": same.get(name),
            "pieces": pieces.get(name)}
        for name, found in rounds.items()}


def report(kind, results):
    print(f"\n{kind}, beam {BEAM}, {PIECES} pieces\n")
    print("| | encoder, ms | decoder, ms | both, ms | least to most | to Narrate, f32 | to Narrate, same | first caption, s | peak MB "
          "| logits' error | caption |")
    print("|---|" + "---:|" * 9 + "---|")
    for name, found in results.items():
        stages = found["stages"] if len(found["stages"]) == 2 else [None, None]
        ratios = [
            found["total"] / results[base]["total"] if base in results else None
            for base in ("Narrate, f32", "Narrate, " + name.split(", ")[1].split()[0])]
        said = f"{found['pieces']:g} pieces" if found["pieces"] is not None else "the same" if found["same"] else "another"
        cells = [
            name, *(shown(x, ".0f") for x in (*stages, found["total"])), f"{found['least']:.0f} to {found['most']:.0f}",
            *(shown(x, ".2f") for x in (*ratios, found["first"])), shown(found["megabytes"], ".0f"),
            shown(found["error"], ".1e"), said]
        print("| " + " | ".join(cells) + " |")


def shown(number, form):
    return "" if number is None else format(number, form)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", metavar="PICTURE", help="one is enough")
    parser.add_argument("--networks", type=lambda text: text.split(","), default=["git-base", "blip-base"])
    parser.add_argument("--contestants", type=lambda text: text.split(";"), default=[*NARRATE, *PEERS],
                        help="names as the table has them, with ; between")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeats", type=int, default=2, help="of each picture in a round, of which the median counts")
    parser.add_argument("--starts", type=int, default=3, help="processes for the time of the first caption, after one that does not count")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="the tests' small checkpoints")
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--fixtures", help="the folder of make_checkpoints.py. Default: the repository's")
    parser.add_argument("--work", help="a folder for the networks' files, about 4 GB each, which are made if it has none")
    parser.add_argument("--patience", type=float, default=60, help="seconds, for each measurement that others disturb")
    parser.add_argument("--json", help="a file for all figures")
    parser.add_argument("--prepare", help=argparse.SUPPRESS)
    parser.add_argument("--first", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first:
        contestant = make(arguments.first, arguments.prepare, arguments.threads)
        with open(os.path.join(arguments.prepare, "settings.json"), encoding="utf-8") as file:
            print(contestant.caption(pixels_of(arguments.pictures[0], json.load(file)))[0])
        return
    if arguments.prepare:
        prepare(arguments.prepare, arguments.pictures[0])
        return
    for name in arguments.contestants:
        if name not in NARRATE and name not in PEERS:
            parser.error(f"no contestant is called {name}")

    quiet, results = Quiet(arguments.patience), {"machine": machine()}
    with tempfile.TemporaryDirectory() as temporary:
        arguments.work = arguments.work or temporary
        for kind in arguments.networks:
            results[kind] = compare(arguments, kind, quiet)
            report(kind, results[kind])
    shares = sorted(quiet.shares)
    results["disturbed"] = {"median": statistics.median(shares), "most": shares[-1]}
    print(f"\nOther processes used {100 * statistics.median(shares):.0f} % of the cores, at most {100 * shares[-1]:.0f} %")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)


if __name__ == "__main__":
    main()
