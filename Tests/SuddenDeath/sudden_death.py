"""Kills the program at random system calls, and lets its writes fail as on a full disk, one in each run.

    swift build -c release
    python3 Tests/SuddenDeath/sudden_death.py [--kills 25] [--seed 1] [caption summarize train calibrate]

Needs strace. What must hold, after each death and after the run that follows it:
outputs are whole or as they were before; training that resumes ends with the same bytes; nothing else is left in the folders.
"""

import argparse
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.path.join(ROOT, ".build/release/narrate")
MODELS = os.path.join(ROOT, "models")
PICTURES = ["astronaut", "cat", "coffee", "dog", "horses", "rocket"]


def contents(folder):
    """Each file below a folder, and a digest of it."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = hashlib.sha256(file.read()).hexdigest()
    return found


def video(path):
    """Five seconds of stripes with two cuts, uncompressed."""
    width, height = 96, 64
    with open(path, "wb") as file:
        file.write(b"YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420\n" % (width, height))
        for frame in range(50):
            period, u, v = [(8, 90, 190), (23, 190, 90), (13, 128, 60)][frame // 20]
            luma = bytes(16 + (x + y + frame) % period * 200 // period for y in range(height) for x in range(width))
            size = width * height // 4
            file.write(b"FRAME\n" + luma + bytes([u]) * size + bytes([v]) * size)


class Case:
    """A command in a folder of its own, with what it may leave behind."""

    name = ""
    arguments = []

    def __init__(self, folder):
        self.folder = folder
        self.prepare()
        self.before = self.state()

    def prepare(self):
        pass

    def state(self):
        return {name: digest for name, digest in contents(self.folder).items() if not self.ignored(name)}

    def ignored(self, name):
        return False

    def leftover(self, name):
        """Whether a name is of something unfinished, which the next run takes away."""
        return ".part-" in name

    def restore(self):
        pass

    def check(self, status):
        """What is wrong after a death, if something is."""
        now = {name: digest for name, digest in self.state().items() if not self.leftover(name)}
        if now not in (self.before, self.golden):
            return "neither as before nor whole: %s" % sorted(set(now.items()) ^ set(self.golden.items()))
        return None

    def run(self, inject=None, arguments=None):
        command = [PROGRAM] + (arguments or self.arguments)
        if inject:
            command = ["strace", "-f", "-qq", "-o", "/dev/null"] + inject + command
        done = subprocess.run(
            command, cwd=self.folder, env={"NARRATE_MODELS": MODELS, "PATH": os.environ["PATH"]},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        return done.returncode, done.stderr.decode(errors="replace")


class Caption(Case):
    name = "caption --output"
    arguments = ["caption", "-r", "pictures", "--format", "csv", "--output", "out.csv", "--threads", "2"]

    def prepare(self):
        os.mkdir(os.path.join(self.folder, "pictures"))
        for picture in PICTURES[:3]:
            shutil.copy(os.path.join(ROOT, "assets", picture + ".jpg"), os.path.join(self.folder, "pictures"))
        self.restore()

    def restore(self):
        with open(os.path.join(self.folder, "out.csv"), "w") as file:
            file.write("old\n")

    def state(self):
        # The milliseconds differ from run to run.
        found = super().state()
        with open(os.path.join(self.folder, "out.csv")) as file:
            rows = [row.split(",") for row in file.read().splitlines()]
        found["out.csv"] = str([row[:8] + row[9:] for row in rows])
        return found


class Summarize(Case):
    name = "summarize --force"
    arguments = ["summarize", "v.y4m", "--output", "out", "--force", "--threads", "1", "--detector", "adaptive"]

    def prepare(self):
        video(os.path.join(self.folder, "v.y4m"))
        self.run(arguments=self.arguments + ["--keyframes", "1"])
        self.old = os.path.join(self.folder, "..", os.path.basename(self.folder) + "-old")
        shutil.copytree(os.path.join(self.folder, "out"), self.old)

    def restore(self):
        shutil.rmtree(os.path.join(self.folder, "out"), ignore_errors=True)
        shutil.copytree(self.old, os.path.join(self.folder, "out"))


class Train(Case):
    name = "train caption --resume"
    arguments = ["train", "caption", "--data", "data", "--config", "c.json", "--output", "out", "--encoder",
                 os.path.join(MODELS, "caption-everyday/model.safetensors"), "--threads", "2", "--resume"]

    def prepare(self):
        os.makedirs(os.path.join(self.folder, "data/images"))
        lines = ["image\tsplit\tcaption"]
        for number, picture in enumerate(PICTURES):
            shutil.copy(os.path.join(ROOT, "assets", picture + ".jpg"), os.path.join(self.folder, "data/images"))
            split = "val" if number < 2 else "train"
            for caption in ["a photo of a %s", "the %s stands there", "there is one %s in the middle"]:
                lines.append("%s.jpg\t%s\t%s" % (picture, split, caption % picture))
        with open(os.path.join(self.folder, "data/captions.tsv"), "w") as file:
            file.write("\n".join(lines) + "\n")
        with open(os.path.join(self.folder, "c.json"), "w") as file:
            json.dump({"decoder": {"embedding": 32, "hidden": 32, "attention": 32, "projection": 32},
                       "optimisation": {"epochs": 2, "imagesPerBatch": 2, "warmupSteps": 2},
                       "fineTuning": {"epochs": 1, "blocks": 2, "warmupSteps": 1}, "vocabulary": {"minimumCount": 1}}, file)

    def restore(self):
        shutil.rmtree(os.path.join(self.folder, "out"), ignore_errors=True)

    def ignored(self, name):
        # Seconds stand in the log and its plot; the cache is taken up where it was.
        return os.path.basename(name) in ("metrics.jsonl", "metrics.svg") or "/cache/" in name

    def check(self, status):
        # A model is whole in each of its files; which epoch's it is depends on when the run ended.
        weights = os.path.join(self.folder, "out/model.safetensors")
        if os.path.exists(weights) and not os.path.exists(os.path.join(self.folder, "out/config.json")):
            return "weights without a configuration"
        return None


class Calibrate(Train):
    name = "calibrate precision"
    arguments = ["calibrate", "precision", "--model", "model", "--data", "data", "--pictures", "4", "--threads", "2"]

    def prepare(self):
        super().prepare()
        self.restore()

    def restore(self):
        shutil.rmtree(os.path.join(self.folder, "model"), ignore_errors=True)
        shutil.copytree(os.path.join(MODELS, "caption-everyday"), os.path.join(self.folder, "model"))

    def check(self, status):
        return Case.check(self, status)


def calls(case):
    """How many system calls the run makes in its busiest thread, and how many writes, each of which may fail."""
    with tempfile.NamedTemporaryFile("r") as log:
        subprocess.run(
            ["strace", "-f", "-qq", "-o", log.name, PROGRAM] + case.arguments, cwd=case.folder,
            env={"NARRATE_MODELS": MODELS, "PATH": os.environ["PATH"]}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        per_thread, writes = {}, {}
        for entry in log:
            thread = entry.split(" ", 1)[0]
            per_thread[thread] = per_thread.get(thread, 0) + ("resumed>" not in entry)
            if re.match(r"\d+ +(write|pwrite64|ftruncate|fallocate|mkdir|rename|renameat2|fsync)\(", entry):
                writes[thread] = writes.get(thread, 0) + 1
    return max(per_thread.values()), max(writes.values(), default=0)


def trial(case, inject, full):
    """A death, and the run after it. Returns what went wrong."""
    case.restore()
    status, errors = case.run(inject)
    problem = case.check(status)
    if problem:
        return "after the death (%d): %s" % (status, problem)
    left = [name for name in contents(case.folder) if case.leftover(name)]
    if full and status not in (0, -9):
        lines = [line for line in errors.splitlines() if line.startswith("narrate: ")]
        if status not in (1, 65, 74) or not lines:
            return "status %d: %s" % (status, errors[:300])
        if left:
            return "left behind by a run that failed: %s" % left
    status, errors = case.run()
    if status != 0:
        return "the run after it: status %d: %s" % (status, errors[:300])
    if case.state() != case.golden:
        return "the run after it has other outputs: %s" % sorted(set(case.state().items()) ^ set(case.golden.items()))
    left = [name for name in contents(case.folder) if case.leftover(name)]
    return "left behind: %s" % left if left else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", default=["caption", "summarize", "train", "calibrate"])
    parser.add_argument("--kills", type=int, default=25, help="at random system calls, of each case")
    parser.add_argument("--writes", type=int, default=25, help="most failing writes of each case")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds = {"caption": Caption, "summarize": Summarize, "train": Train, "calibrate": Calibrate}
    generator = random.Random(options.seed)
    failures = 0
    for name in options.cases:
        with tempfile.TemporaryDirectory() as folder:
            place = os.path.join(folder, name)
            os.mkdir(place)
            case = kinds[name](place)
            case.restore()
            status, errors = case.run()
            assert status == 0, errors
            case.golden = case.state()
            case.restore()
            count, writes = calls(case)
            print("%s: %d system calls, %d writes, folders and renames" % (case.name, count, writes), flush=True)
            kills = [generator.randint(1, count) for _ in range(options.kills // 2)]
            kinds_of_call = "write,pwrite64,rename,renameat2,mkdir,fsync,unlink,flock,chmod,fchmod,close,openat"
            trials = [(["--inject=all:signal=KILL:when=%d" % number], False) for number in kills]
            trials += [
                (["--inject=%s:signal=KILL:when=%d" % (kinds_of_call, generator.randint(1, max(count // 3, 2)))], False)
                for _ in range(options.kills - len(kills))]
            chosen = sorted(generator.sample(range(1, writes + 1), min(writes, options.writes)))
            trials += [(["--inject=write,pwrite64:error=ENOSPC:when=%d" % number], True) for number in chosen]
            bad = 0
            for inject, full in trials:
                problem = trial(case, inject, full)
                if problem:
                    bad += 1
                    print("  %s: %s" % (inject[0], problem), flush=True)
            print("%s: %d kills and %d full disks, %d wrong" % (case.name, options.kills, len(chosen), bad), flush=True)
            failures += bad
    sys.exit(1 if failures else 0)


main()
