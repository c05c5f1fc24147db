"""`narrate serve` beside the same network in PyTorch behind FastAPI and uvicorn, and beside the folder pipeline, in one run.

    pip install torch numpy pillow safetensors fastapi uvicorn
    python Sources/Benchmarks/compare_servers.py .build/release/narrate models/caption-everyday PICTURES [--rounds 5] [--seconds 8]

Each round asks every server over loopback with one connection and with eight, one after the other, and has the folder captioned;
medians over the rounds are printed, and how far apart they were. PyTorch writes in f32 with a beam of 3 in numpy (peers.py); Narrate
with all that it does: its own precision, the choice among captions, confidence, confined decoding.
"""

import argparse
import glob
import http.client
import io
import json
import os
import re
import statistics
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Without these PyTorch's large results are mapped and unmapped, page by page, at every operation.
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_TOP_PAD_": "67108864"}


def serve_peer(model, threads):
    """The peer's server; says its port on standard error, as `narrate serve` does."""
    import fastapi
    import uvicorn

    import peers

    peer, lock = peers.PyTorch(model, None, threads), threading.Lock()
    app = fastapi.FastAPI()

    @app.post("/v1/caption")
    async def caption(request: fastapi.Request):
        body = await request.body()
        return await fastapi.concurrency.run_in_threadpool(describe, body)

    def describe(body):
        start = time.perf_counter()
        # One picture has all cores, as PyTorch's threads are one pool.
        with lock:
            sentences, _ = peer.caption(io.BytesIO(body), [3])
        return {"caption": sentences[0], "milliseconds": 1000 * (time.perf_counter() - start)}

    class Server(uvicorn.Server):
        async def startup(self, sockets=None):
            await super().startup(sockets)
            port = self.servers[0].sockets[0].getsockname()[1]
            print(f"listening at http://127.0.0.1:{port}", file=sys.stderr, flush=True)

    Server(uvicorn.Config(app, port=0, log_level="warning")).run()


class Process:
    """A server."""

    def __init__(self, command, environment):
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ | environment)
        for line in self.process.stderr:
            if found := re.search(r"listening at http://127.0.0.1:(\d+)", line):
                self.port = int(found.group(1))
                break
        threading.Thread(target=lambda: list(self.process.stderr), daemon=True).start()
        while not self.ask(SAMPLE)[0]:
            time.sleep(0.1)

    def ask(self, body, connection=None):
        connection = connection or http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("POST", "/v1/caption", body, {"Content-Type": "image/jpeg"})
        response = connection.getresponse()
        text = response.read()
        return response.status == 200, text

    def load(self, connections, seconds):
        """Requests a second, their seconds, and the milliseconds that the server itself tells of each."""
        taken, told, end = [], [], time.perf_counter() + seconds

        def work(first):
            connection = http.client.HTTPConnection("127.0.0.1", self.port)
            number = first
            while time.perf_counter() < end:
                start = time.perf_counter()
                isRight, text = self.ask(PICTURES[number % len(PICTURES)], connection)
                taken.append(time.perf_counter() - start)
                assert isRight, text
                told.append(text)
                number += connections

        start = time.perf_counter()
        threads = [threading.Thread(target=work, args=(first,)) for first in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = len(taken) / (time.perf_counter() - start)
        return rate, sorted(taken), [json.loads(text)["milliseconds"] for text in told]


def folder(program, pictures, environment):
    """Pictures a second of `narrate caption`, its start left out."""
    def seconds(arguments):
        start = time.perf_counter()
        subprocess.run([program, "caption", "--sandbox", *arguments], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=os.environ | environment)
        return time.perf_counter() - start

    few = pictures[:2]
    return (len(pictures) - len(few)) / (seconds(pictures) - seconds(few))


def main():
    global SAMPLE, PICTURES
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("pictures")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        return serve_peer(arguments.model, arguments.threads)
    paths = sorted(glob.glob(os.path.join(arguments.pictures, "*.jpg")))[:300]
    PICTURES = [open(path, "rb").read() for path in paths]
    SAMPLE = PICTURES[0]
    environment = {"NARRATE_MODELS": os.path.dirname(os.path.abspath(arguments.model))}
    servers = {
        "Narrate": Process([arguments.program, "serve", "--port", "0"], environment),
        "PyTorch": Process(
            [sys.executable, __file__, arguments.program, arguments.model, arguments.pictures, "--peer"],
            ALLOCATOR | {"PYTHONPATH": HERE}),
    }
    figures = {}

    def note(name, value):
        figures.setdefault(name, []).append(value)

    for number in range(arguments.rounds):
        for name in list(servers) if number % 2 == 0 else reversed(servers):
            for connections in 1, 8:
                rate, taken, told = servers[name].load(connections, arguments.seconds)
                note(f"{name}, {connections} connections, requests a second", rate)
                note(f"{name}, {connections} connections, p50 ms", 1000 * taken[len(taken) // 2])
                note(f"{name}, {connections} connections, p99 ms", 1000 * taken[int(0.99 * len(taken))])
                if connections == 1:
                    overhead = [1000 * all - own for all, own in zip(taken, sorted(told))]
                    note(f"{name}, HTTP beside the captioning, ms", statistics.median(overhead))
        pipeline = folder(arguments.program, paths, environment)
        note("Narrate, folder, pictures a second", pipeline)
        note("Narrate, eight connections to folder", figures["Narrate, 8 connections, requests a second"][-1] / pipeline)
    for name, values in figures.items():
        print(f"{name}: {statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})")
    for server in servers.values():
        server.process.terminate()
        server.process.wait()


if __name__ == "__main__":
    main()
