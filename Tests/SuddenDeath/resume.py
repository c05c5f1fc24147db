"""Kills `narrate caption --resume` at random moments, again and again, until all pictures are captioned; then anew.

    swift build -c release
    python3 Tests/SuddenDeath/resume.py [--kills 100] [--seed 1] [--pictures 40]

Every other kill is at a random system call that writes, where strace is there. What must hold after each: all lines but the last are
whole, no content has two, and no line that was there is gone. At the end each picture has one line, with the caption of an unbroken run.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROGRAM = os.environ.get("NARRATE", os.path.join(ROOT, ".build/release/narrate"))
MODELS = os.path.join(ROOT, "models")
PICTURES = ["astronaut", "cat", "coffee", "dog", "horses", "rocket"]
CALLS = "write,ftruncate,rename,fsync,flock"


def prepare(folder, count):
    """So many pictures with different bytes, every eighth of them broken, under odd names."""
    for number in range(count):
        with open(os.path.join(ROOT, "assets", PICTURES[number % 6] + ".jpg"), "rb") as file:
            data = file.read()
        data = data[:3000 + number] if number % 8 == 7 else data + b"%d" % number
        name = os.path.join(os.fsencode(folder), b"%d" % (number % 5), [b"a b", b"\xff", b"\n", b'"', b"c"][number % 5] + b"%d" % number)
        os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "wb") as file:
            file.write(data)


def read(path):
    """The whole lines, by content; a ValueError for what must not be."""
    if not os.path.exists(path):
        return {}
    with open(path, "rb") as file:
        lines = file.read().split(b"\n")[:-1]
    found = {}
    for line in lines:
        result = json.loads(line)
        if result["content"] in found:
            raise ValueError("two lines of " + result["content"])
        found[result["content"]] = (result["status"], result.get("caption"))
    return found


def command(folder, extra):
    return [PROGRAM, "caption", "-r", "pictures", "--output", "out.jsonl", "--resume", "--beam", "1", "--progress", "none"] + extra


def run(folder, extra=[], after=None, inject=None):
    """Runs it to its end, or kills it after some seconds or at a system call."""
    line = command(folder, extra)
    if inject:
        line = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + inject[0], "-e", "inject=%s:signal=KILL:when=%d" % inject] + line
    process = subprocess.Popen(
        line, cwd=folder, env={"NARRATE_MODELS": MODELS, "PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    if after is not None:
        time.sleep(after)
        process.kill()
    errors = process.communicate()[1].decode(errors="replace")
    return process.returncode, errors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pictures", type=int, default=40)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    traces = shutil.which("strace") is not None
    with tempfile.TemporaryDirectory() as folder:
        prepare(os.path.join(folder, "pictures"), options.pictures)
        output = os.path.join(folder, "out.jsonl")
        start = time.monotonic()
        status, errors = run(folder)
        assert status == 1, errors
        length = time.monotonic() - start
        golden = read(output)
        assert len(golden) == options.pictures, errors
        start = time.monotonic()
        run(folder)
        idle = time.monotonic() - start
        os.remove(output)
        killed = finished = wrong = tries = 0
        before = {}
        while killed < options.kills:
            extra = generator.choice([[], [], ["--retry-failed"], ["--threads", "1"]])
            left = options.pictures - len(before)
            tries += 1
            if traces and tries % 2:
                status, errors = run(folder, extra, inject=(CALLS, generator.randint(1, left + 5)))
            else:
                status, errors = run(folder, extra, after=generator.uniform(0, idle + (length - idle) * left / options.pictures))
            died = status in (-9, 137)
            killed += died
            if died and killed % 10 == 0:
                print("%d kills, %d times all captioned" % (killed, finished), flush=True)
            try:
                now = read(output)
                # Failures that are tried again are taken out before.
                lost = [key for key, result in before.items() if key not in now and not (extra == ["--retry-failed"] and result[0] == "error")]
                other = [key for key, result in now.items() if golden[key] != result]
                problem = "lost %s, other %s" % (lost, other) if lost or other else None
            except ValueError as error:
                now, problem = {}, str(error)
            if not died and status not in (0, 1):
                problem = "status %d: %s" % (status, errors[:300])
            if problem:
                wrong += 1
                print("kill %d: %s" % (killed, problem), flush=True)
            before = now
            if len(now) == options.pictures:
                finished += 1
                os.remove(output)
                before = {}
        status, errors = run(folder)
        if read(output) != golden or status != 1:
            wrong += 1
            print("the last run, status %d: %s" % (status, errors[:300]))
        left = sorted(set(os.listdir(folder)) - {"pictures", "out.jsonl"})
        print("%d kills, %d times all captioned, %d wrong, left behind: %s" % (killed, finished, wrong, left or "nothing"))
        sys.exit(1 if wrong or left else 0)


main()
