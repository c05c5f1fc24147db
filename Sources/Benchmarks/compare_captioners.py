"""Narrate beside PyTorch (eager), ONNX Runtime and OpenVINO: one network, the same weights and pictures, in one run.

    pip install torch onnx onnxscript onnxruntime openvino numpy pillow safetensors matplotlib
    swift build -c release
    python Sources/Benchmarks/make_photographs.py --output photographs PICTURE_OR_FOLDER...
    python Sources/Benchmarks/compare_captioners.py --pictures PICTURE... --folder photographs \\
        --json captioners.json --plot captioners.svg

The peers do not rerank, and know nothing of phrases and of words that may not stand twice: to compare captions, give a
model without reranker.safetensors that was trained with the setting validation.repetition `any`.

`--parts one` times the stages of captioning one picture at a time, `cold` whole processes for one picture, `folder` a
folder of photographs. Everything computes in 32 bits, Narrate's encoder also in bytes. Programs take turns in every
round; medians over the rounds are
printed. The peers are in peers.py, their networks, written from the model folder and exported to ONNX, in
peer_networks.py; each runs in a process of its own, PyTorch with the settings of the memory allocator without which it
is slower. A measurement during which other processes used the cores is repeated, as long as `--patience` lasts.
"""

import argparse
import glob
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time

import peers

OURS = {"Narrate": "f32", "Narrate, int8": "int8"}  # its encoder's precision; `auto` takes one of them
PROGRAMS = [*OURS, *peers.PEERS]
CORES = sorted(os.sched_getaffinity(0))
# Without these PyTorch's large results are mapped and unmapped, page by page, at every operation.
ALLOCATOR = {
    "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "67108864",
    "MALLOC_ARENA_MAX": "2",
}
TOLERATED = 0.05  # the share of the cores that others may use during a measurement


# Measuring


def used_seconds():
    """Processor time of all processes, and what the hypervisor gave to others, since the machine started."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, interrupts, softly, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupts + softly + stolen) / os.sysconf("SC_CLK_TCK")


class Quiet:
    """Repeats what others disturbed."""

    def __init__(self, patience):
        self.patience, self.shares = patience, []

    def measure(self, run, *inputs):
        """`run` gives its result and the processor time that it used. Returns the first undisturbed result, or else the
        least disturbed one."""
        deadline, found = time.monotonic() + self.patience, []
        while True:
            start, before = time.monotonic(), used_seconds()
            result, own = run(*inputs)
            seconds, others = time.monotonic() - start, max(0, used_seconds() - before - own)
            found.append((others / len(CORES) / seconds, len(found), result))
            if found[-1][0] <= TOLERATED or time.monotonic() > deadline:
                share, _, result = min(found)
                self.shares.append(share)
                return result
            time.sleep(1)


def process(command, program="Narrate", cores=None):
    """Runs a process. Returns its output, seconds, peak megabytes and processor seconds. It is started from this small
    process: a child's peak memory counts what its parent held."""
    if cores is not None:
        command = ["taskset", "-c", ",".join(map(str, CORES[:cores])), *command]
    environment = os.environ | (ALLOCATOR if program == "PyTorch" else {})
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            raise SystemExit(f"{' '.join(command[:8])} … failed with {child.returncode}")
        output.seek(0)
        return output.read().decode(), seconds, usage.ru_maxrss / 1000, usage.ru_utime + usage.ru_stime


class Worker:
    """A peer in a process of its own, which waits while others are measured."""

    def __init__(self, program, arguments, threads):
        context = multiprocessing.get_context("spawn")
        self.pipe, end = context.Pipe()
        before = dict(os.environ)
        os.environ.update(ALLOCATOR if program == "PyTorch" else {})
        self.process = context.Process(
            target=self.serve, args=(end, program, arguments.model, arguments.cache, threads), daemon=True)
        self.process.start()
        os.environ.clear()
        os.environ.update(before)

    @staticmethod
    def serve(pipe, program, *arguments):
        peer = peers.PEERS[program](*arguments)
        while (request := pipe.recv()) is not None:
            paths, widths = request
            before = time.process_time()
            captions = [peer.caption(path, widths) for path in paths]
            pipe.send((captions, time.process_time() - before))

    def captions(self, paths, widths):
        """Sentences and times of each picture, and the processor time."""
        self.pipe.send((paths, widths))
        return self.pipe.recv()

    def stop(self):
        self.pipe.send(None)
        self.process.join()


# One picture at a time


def stages(captions, widths):
    """Medians over pictures of what `Peer.caption` gave."""
    columns = list(zip(*(times for _, times in captions)))
    median = statistics.median
    return {
        "decode": median(columns[0]), "resize": median(columns[1]), "encoder": median(columns[2]),
        "decoder": {width: median(columns[3 + i]) for i, width in enumerate(widths)},
        "total": {width: median(sum(times[:3]) + times[3 + i] for _, times in captions)
                  for i, width in enumerate(widths)},
    }


def narrate_stages(arguments, threads, precision):
    """The same of `narrate benchmark`, with the processor time."""
    beams = [word for width in arguments.beams for word in ("--beam", str(width))]
    output, _, _, used = process(
        [arguments.narrate, "benchmark", "--format", "json", "--rounds", "1", "--model", arguments.model,
         "--precision", precision, "--threads", str(threads), *beams, *arguments.pictures])
    result = json.loads(output)
    by_width = {name: {width: result[f"{name}_milliseconds"][str(width)] for width in arguments.beams}
                for name in ("decoder", "total")}
    return {**{name: result[f"{name}_milliseconds"] for name in ("decode", "resize", "encoder")}, **by_width}, used


def middle(rounds):
    """Medians over the rounds of everything in their equally built dictionaries."""
    if isinstance(rounds[0], dict):
        return {key: middle([round[key] for round in rounds]) for key in rounds[0]}
    return statistics.median(rounds)


def one_picture(arguments, quiet):
    """{threads: {program: stages}}, and how many captions are Narrate's."""
    results, same = {}, {}
    for threads in arguments.threads:
        workers = {program: Worker(program, arguments, threads) for program in peers.PEERS}
        for worker in workers.values():
            worker.captions(arguments.pictures[:3], arguments.beams)
        if not same:
            same = agreement(arguments, workers)
        rounds = {program: [] for program in PROGRAMS}
        for number in range(arguments.rounds):
            say(f"one picture, {threads} threads, round {number + 1} of {arguments.rounds}")
            for program, precision in OURS.items():
                rounds[program].append(quiet.measure(narrate_stages, arguments, threads, precision))
            for program, worker in workers.items():
                captions = quiet.measure(worker.captions, arguments.pictures, arguments.beams)
                rounds[program].append(stages(captions, arguments.beams))
        for worker in workers.values():
            worker.stop()
        results[threads] = {program: middle(found) for program, found in rounds.items()}
    return results, same


def agreement(arguments, workers):
    """How many captions of each peer are Narrate's: from the files, and from the same pixels, beam by beam."""
    def captions(paths, width):
        output = process([arguments.narrate, "caption", "--format", "json", "--model", arguments.model, "--precision",
                          "f32", "--beam", str(width), *paths])[0]
        return [result["caption"] for result in json.loads(output)]

    with tempfile.TemporaryDirectory() as folder:
        peer = peers.Peer(arguments.model)
        squares = [os.path.join(folder, f"{index:04}.png") for index in range(len(arguments.pictures))]
        for path, target in zip(arguments.pictures, squares):
            peers.Image.fromarray(peer.pixels(path)).save(target)
        same = {program: {} for program in workers}
        for kind, paths in (("files", arguments.pictures), ("pixels", squares)):
            ours = [captions(paths, width) for width in arguments.beams]
            for program, worker in workers.items():
                theirs = zip(*(sentences for sentences, _ in worker.captions(paths, arguments.beams)[0]))
                same[program][kind] = {
                    width: sum(a == b for a, b in zip(our, their))
                    for width, our, their in zip(arguments.beams, ours, theirs)}
    return same


# Whole processes


def cold_starts(arguments, quiet):
    """{program: seconds and peak megabytes} from the start of a process to the end of its first caption, with the files
    in the system's cache."""
    threads = str(max(arguments.threads))
    commands = {program: [arguments.narrate, "caption", "--model", arguments.model, "--precision", precision,
                          "--threads", threads] for program, precision in OURS.items()}
    for program in peers.PEERS:
        commands[program] = [
            sys.executable, __file__, "--first", program, "--model", arguments.model, "--cache", arguments.cache,
            "--threads", threads, "--pictures"]

    def run(program):
        _, seconds, megabytes, used = process([*commands[program], arguments.pictures[0]], program)
        return {"seconds": seconds, "megabytes": megabytes}, used

    rounds = {program: [] for program in PROGRAMS}
    for number in range(arguments.rounds + 1):
        say(f"cold start, round {number} of {arguments.rounds}")
        for program in PROGRAMS:
            result = quiet.measure(run, program)
            if number > 0:  # the first fills the system's cache
                rounds[program].append(result)
    return {program: middle(found) for program, found in rounds.items()}


def first(arguments):
    """What a peer's process does for its first caption."""
    threads = arguments.threads[0]
    peer = peers.PEERS[arguments.first](arguments.model, arguments.cache, threads)
    print(peer.caption(arguments.pictures[0], [3])[0][0])


# A folder


def folder(arguments, quiet):
    """{cores: {program: images per second, loading not counted, and seconds of the whole run}}, and how many captions
    of each pipeline are Narrate's."""
    here = os.path.dirname(os.path.abspath(__file__))
    pictures = sorted(entry.path for entry in os.scandir(arguments.folder) if entry.is_file())
    said = {}

    def narrate(program, cores, paths):
        output, seconds, _, used = process(
            [arguments.narrate, "caption", "--format", "jsonl", "--model", arguments.model, "--precision",
             OURS[program], "--threads", str(cores), *paths], cores=cores)
        results = [json.loads(line) for line in output.splitlines()]
        return (seconds, {result["path"]: result["caption"] for result in results}), used

    def ours(program, cores):
        (one, _), first = narrate(program, cores, pictures[:1])
        (seconds, said[program]), used = narrate(program, cores, ["--recursive", arguments.folder])
        return {"rate": len(pictures) / (seconds - one), "seconds": seconds}, first + used

    def theirs(program, cores):
        output, seconds, _, used = process(
            [sys.executable, os.path.join(here, "peer_pipeline.py"), arguments.folder, "--program", program, "--model",
             arguments.model, "--cache", arguments.cache, "--captions"], program, cores)
        result = json.loads(output)
        said[program] = result["captions"]
        return {"rate": len(pictures) / result["seconds"], "seconds": seconds}, used

    results = {}
    for cores in arguments.threads:
        rounds = {program: [] for program in (*OURS, *arguments.pipelines)}
        for number in range(arguments.folder_rounds):
            say(f"folder, {cores} cores, round {number + 1} of {arguments.folder_rounds}")
            for program in OURS:
                rounds[program].append(quiet.measure(ours, program, cores))
            for program in arguments.pipelines:
                rounds[program].append(quiet.measure(theirs, program, cores))
        results[cores] = {program: middle(found) for program, found in rounds.items()}
    same = {program: sum(said["Narrate"][path] == sentence for path, sentence in said[program].items())
            for program in arguments.pipelines}
    return results, {"of": len(pictures), **same}


# Output


def table(title, columns, rows, places=1):
    """Prints numbers under their columns' names, `None` as nothing."""
    print(f"\n{title}")
    width = max(len(name) for name, _ in rows) + 2
    widths = [max(9, len(column) + 2) for column in columns]
    print(" " * width + "".join(column.rjust(w) for column, w in zip(columns, widths)))
    for name, numbers in rows:
        cells = ["" if number is None else f"{number:.{places}f}" for number in numbers]
        print(name.ljust(width) + "".join(cell.rjust(w) for cell, w in zip(cells, widths)))


def cores_named(count):
    return "1 core" if count == 1 else f"{count} cores"


def report(results, arguments):
    for threads, programs in results.get("one", {}).items():
        columns = ["decode", "resize", "encoder"]
        columns += [f"{part}, beam {width}" for part in ("decoder", "total") for width in arguments.beams]
        table(f"One picture, {cores_named(threads)}, milliseconds", columns, [
            (program, [found["decode"], found["resize"], found["encoder"], *found["decoder"].values(),
                       *found["total"].values()]) for program, found in programs.items()])
    for program, kinds in results.get("same", {}).items():
        counts = [", ".join(map(str, kinds[kind].values())) for kind in ("files", "pixels")]
        print(f"{program}: of {len(arguments.pictures)} captions {counts[0]} are Narrate's from the files, "
              f"{counts[1]} from the same pixels (beams {', '.join(map(str, arguments.beams))})")
    if "cold" in results:
        table("A process for one picture", ["seconds", "peak MB"], [
            (program, [found["seconds"], found["megabytes"]]) for program, found in results["cold"].items()], places=2)
    for cores, programs in results.get("folder", {}).items():
        table(f"A folder, {cores_named(cores)}", ["images/s", "seconds in all"], [
            (program, [found["rate"], found["seconds"]]) for program, found in programs.items()])
    if "folder" in results:
        same = results["folder_same"]
        print(", ".join(f"{program}: {count}" for program, count in same.items() if program != "of")
              + f" of {same['of']} captions are Narrate's")


def plot(results, path):
    """Stages of one picture at a beam of 3 and, beside it, images per second, with as many cores as were measured."""
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    ink = "#7d8590"  # legible on white and on black
    plt.rcParams.update({
        "font.family": "sans-serif", "font.size": 10, "text.color": ink, "axes.labelcolor": ink, "xtick.color": ink,
        "ytick.color": ink, "axes.edgecolor": ink, "svg.hashsalt": "captioners"})
    shown = [part for part in ("one", "folder") if part in results]
    figure, axes = plt.subplots(
        1, len(shown), figsize=(5.4 * len(shown), 2.3), squeeze=False, layout="constrained",
        width_ratios=[3, 2][:len(shown)])
    for axis, part in zip(axes[0], shown):
        cores = max(results[part])
        programs = results[part][cores]
        names = list(programs)
        axis.invert_yaxis()
        axis.spines[["top", "right", "left"]].set_visible(False)
        axis.tick_params(axis="y", length=0)
        if part == "one":
            width = 3 if 3 in programs["Narrate"]["decoder"] else max(programs["Narrate"]["decoder"])
            left = [0.0] * len(names)
            for stage, color in (("decode", "#e3b341"), ("resize", "#db6d28"), ("encoder", "#388bfd"),
                                 ("decoder", "#3fb950")):
                lengths = [programs[name][stage] for name in names]
                lengths = [length[width] if isinstance(length, dict) else length for length in lengths]
                axis.barh(names, lengths, left=left, color=color, height=0.62, label=stage)
                left = [a + b for a, b in zip(left, lengths)]
            ends, labels = left, [f"{programs[name]['total'][width]:.0f} ms" for name in names]
            axis.set_title(f"One picture, beam {width}, {cores_named(cores)}: milliseconds", loc="left", fontsize=10)
            axis.legend(frameon=False, ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.12), handlelength=1)
        else:
            ends = [programs[name]["rate"] for name in names]
            labels = [f"{end:.0f}" for end in ends]
            axis.barh(names, ends, color="#388bfd", height=0.62)
            axis.set_title(f"Photographs, {cores_named(cores)}: images a second", loc="left", fontsize=10)
        for row, (end, label) in enumerate(zip(ends, labels)):
            axis.annotate(label, (end, row), (4, 0), textcoords="offset points", va="center")
        axis.set_xlim(0, max(ends) * 1.15)
    figure.savefig(path, transparent=True, metadata={"Date": None})


def machine():
    """What the figures were measured on and with."""
    from importlib import metadata

    with open("/proc/cpuinfo", encoding="utf-8") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    fields = {key.strip(): value.strip() for key, value in fields.items()}
    sets = [name for name in ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16")
            if name in fields.get("flags", "").split()]
    packages = ("torch", "onnxruntime", "openvino", "pillow", "numpy")
    return {"processor": fields.get("model name"), "cores": len(CORES), "instructions": sets,
            "versions": {name: metadata.version(name) for name in packages}}


def say(message):
    print(message, file=sys.stderr, flush=True)


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", nargs="+", required=True, help="for one picture at a time; 40 are plenty")
    parser.add_argument("--folder", help="photographs, such as make_photographs.py makes")
    parser.add_argument("--parts", default="one,cold,folder")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder-rounds", type=int, default=3)
    parser.add_argument("--pipelines", type=lambda text: text.split(","), default=["ONNX Runtime"],
                        help="the peers that caption the folder")
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--beams", type=numbers, default=[1, 3, 5])
    parser.add_argument("--model", default="models/caption-everyday")
    parser.add_argument("--narrate", default=".build/release/narrate")
    parser.add_argument("--cache", help="a folder for the ONNX files, which are exported into it if it has none")
    parser.add_argument("--patience", type=float, default=60, help="seconds, for each measurement")
    parser.add_argument("--json", help="a file for all figures")
    parser.add_argument("--plot", help="an SVG file")
    parser.add_argument("--first", choices=peers.PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.first:
        first(arguments)
        return

    with tempfile.TemporaryDirectory() as temporary:
        arguments.cache = arguments.cache or temporary
        os.makedirs(arguments.cache, exist_ok=True)
        if not glob.glob(os.path.join(arguments.cache, "step.onnx")):
            say("exporting to ONNX")
            here = os.path.dirname(os.path.abspath(__file__))
            subprocess.run(
                [sys.executable, "-W", "ignore", os.path.join(here, "peer_networks.py"), arguments.model,
                 arguments.cache], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        run(arguments)


def run(arguments):
    quiet, parts, results = Quiet(arguments.patience), arguments.parts.split(","), {"machine": machine()}
    if "cold" in parts:
        results["cold"] = cold_starts(arguments, quiet)
    if "one" in parts:
        results["one"], results["same"] = one_picture(arguments, quiet)
    if "folder" in parts and arguments.folder:
        results["folder"], results["folder_same"] = folder(arguments, quiet)
    shares = sorted(quiet.shares)
    results["disturbed"] = {"median": statistics.median(shares), "most": shares[-1]}
    report(results, arguments)
    print(f"\nOther processes used {100 * statistics.median(shares):.0f} % of the cores, at most "
          f"{100 * shares[-1]:.0f} %")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1)
    if arguments.plot:
        plot(results, arguments.plot)


if __name__ == "__main__":
    main()
