"""Stands in for `narrate serve` while the page is written and tested: the same routes, made-up results.

    python3 Tests/Page/mock.py [--port 8300] [--token T] [--no-library]

What a body ends with has it go wrong: BUSY is twice answered with 503, SLOW takes long, FAIL fails as a job,
CUT loses its events.
"""

import argparse
import io
import itertools
import json
import math
import os
import threading
import time
import urllib.parse
import zipfile
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGE = os.path.join(ROOT, "Sources/Server/Page")
ASSETS = os.path.join(ROOT, "assets")
POLICY = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
          "media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'")
FILES = {"/": ("index.html", "text/html; charset=utf-8"),
         "/app.js": ("app.js", "text/javascript; charset=utf-8"),
         "/style.css": ("style.css", "text/css; charset=utf-8")}
CAPTIONS = {
    "dog": ("a brown dog is standing in the grass", 0.81),
    "cat": ("a close up of a cat", 0.77),
    "coffee": ("a white bowl filled with a brown and a cup on a table", 0.23),
    "horses": ("a group of cows are standing in a field", 0.58),
    "astronaut": ("a man in a red helmet is standing in a garage", 0.31),
    "rocket": ("a clock tower in a city at night", 0.52),
}
SIGNATURES = (b"\xff\xd8", b"\x89PNG", b"GIF8", b"RIFF")
DURATION = 12.0


def asset(name):
    with open(os.path.join(ASSETS, name + ".jpg"), "rb") as file:
        return file.read()


KNOWN = {zlib.crc32(asset(name)[:4096]): name for name in CAPTIONS}


def attention(word, rows=8, columns=8):
    """A hill that wanders over the picture from word to word."""
    at = (3.5 + 2.4 * math.sin(1.7 * word), 3.5 + 2.4 * math.cos(1.1 * word))
    heights = [math.exp(-((row - at[0]) ** 2 + (column - at[1]) ** 2) / 3)
               for row, column in itertools.product(range(rows), range(columns))]
    return [height / sum(heights) for height in heights]


def described(body, options):
    name = KNOWN.get(zlib.crc32(body[:4096]), "cat")
    text, confidence = CAPTIONS[name]
    words = [{"word": word, "probability": round(0.95 - 0.6 * (number % 3) / 3, 3)}
             for number, word in enumerate(text.split())]
    others = [{"caption": text.replace("a ", "the ", 1), "log_probability": -6.4},
              {"caption": text + " outside", "log_probability": -6.9}]
    answer = {"status": "ok", "caption": text, "confidence": confidence, "log_probability": -5.93,
              "words": words, "alternatives": others[:int(options.get("top", 1)) - 1],
              "width": 640, "height": 480, "milliseconds": 14.2, "model": "caption-everyday"}
    if options.get("attention") == "true":
        answer["grid"] = {"rows": 8, "columns": 8}
        for number, word in enumerate(words):
            word["attention"] = attention(number)
    if confidence < 0.43:
        answer["tags"] = [{"tag": "espresso", "probability": 0.5}, {"tag": "cup", "probability": 0.3}]
    return answer


def labelled():
    rows = [(0, 3.1, "walking the dog", 0.91), (3.1, 5.4, "training dog", 0.42), (5.4, 6.2, None, 0),
            (6.2, 9.8, "riding or walking with horse", 0.83), (9.8, 12, "making tea", 0.77)]
    return {"status": "ok", "duration": DURATION, "model": "action-kinetics400", "segments": [
        {"start": start, "end": end, "confident": probability > 0.5, "still": label is None,
         "attention": [{"time": start, "weight": 1.0}],
         "labels": [{"label": label or "staring", "probability": probability, "confident": probability > 0.5},
                    {"label": "petting animal (not cat)", "probability": 0.05, "confident": False}]}
        for start, end, label, probability in rows]}


def summarized():
    frames = [(0, "dog"), (3, "cat"), (6, "horses"), (9, "coffee")]
    shots = [{"start": start, "end": start + 3, "transition": "cut" if start else "start", "keyframes": [
        {"time": start + 1.2, "file": "keyframes/%04d.jpg" % (number + 1), "caption": CAPTIONS[name][0],
         "confidence": CAPTIONS[name][1], "score": 0.9}]} for number, (start, name) in enumerate(frames)]
    chapters = [{"start": 0, "end": 6, "title": "a dog is standing in the grass"},
                {"start": 6, "end": 12, "title": "cows are standing in a field"}]
    files = ["summary.json", "index.html", "chapters.vtt", "captions.srt", "summary.zip"]
    keyframes = [shot["keyframes"][0]["file"] for shot in shots]
    return {"duration": DURATION, "shots": shots, "chapters": chapters, "files": files + keyframes}, \
        {file: name for file, (_, name) in zip(keyframes, frames)}


class Job:
    """A thread that counts the seconds of a video that is not there."""

    numbers = itertools.count(1)

    def __init__(self, kind, body):
        self.id = "%08x" % (next(Job.numbers) * 2654435761 % 2 ** 32)
        self.kind, self.ending = kind, body[-4:]
        self.status, self.seconds, self.cancelled = "queued", 0.0, threading.Event()
        self.result, self.pictures = None, {}
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        step = 0.1 if self.ending == b"SLOW" else 1.5
        while self.seconds < DURATION:
            if self.cancelled.wait(0.15):
                self.status = "cancelled"
                return
            self.status, self.seconds = "running", self.seconds + step
            if self.ending == b"FAIL" and self.seconds > 3:
                self.status = "failed"
                return
        if self.kind == "label":
            self.result = labelled()
        else:
            self.result, self.pictures = summarized()
        self.status = "done"

    def told(self):
        told = {"id": self.id, "kind": self.kind, "status": self.status, "seconds": self.seconds,
                "duration": DURATION}
        if self.status == "failed":
            message = "its frames cannot be decoded after 0:03"
            told["error"] = {"kind": "undecodable", "message": message, "code": 422}
        if self.result:
            told["result"] = self.result
        return told

    def progress(self):
        return {"status": self.status, "seconds": self.seconds, "duration": DURATION,
                "fraction": min(self.seconds / DURATION, 1)}

    def file(self, name):
        if name in self.pictures:
            return asset(self.pictures[name]), "image/jpeg"
        if name == "summary.zip":
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as archive:
                archive.writestr("summary.json", json.dumps(self.result))
            return data.getvalue(), "application/zip"
        texts = {"summary.json": (json.dumps(self.result), "application/json"),
                 "chapters.vtt": ("WEBVTT\n", "text/vtt"), "captions.srt": ("1\n", "application/x-subrip"),
                 "index.html": ("<!DOCTYPE html><title>Storyboard</title>", "text/html")}
        text, kind = texts[name]
        return text.encode(), kind


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def do_DELETE(self):
        self.answer()

    def answer(self):
        url = urllib.parse.urlsplit(self.path)
        self.options = dict(urllib.parse.parse_qsl(url.query))
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            self.route(url.path)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def route(self, path):
        if path in FILES:
            name, kind = FILES[path]
            with open(os.path.join(PAGE, name), "rb") as file:
                self.send(200, file.read(), kind, {"Content-Security-Policy": POLICY})
        elif path in ("/health", "/ready"):
            self.json(200, {"status": "ok" if path == "/health" else "ready"})
        elif not self.is_allowed():
            self.fail(401, "unauthorised", "this server needs a token", {"WWW-Authenticate": "Bearer"})
        elif path == "/v1/models":
            self.json(200, {"models": [{"name": "caption-everyday", "kind": "caption", "styles": ["photos"]}],
                            "library": self.server.has_library})
        elif path == "/v1/caption":
            self.caption()
        elif path in ("/v1/summarize", "/v1/label"):
            self.start("summarize" if path.endswith("summarize") else "label")
        elif path.startswith("/v1/jobs/"):
            self.job(*path.split("/", 4)[3:])
        elif path == "/v1/library/search":
            self.search(self.options.get("q", ""))
        elif path.startswith("/v1/library/thumbnail/"):
            name = bytes.fromhex(path.rsplit("/", 1)[1]).decode()
            self.send(200, asset(name), "image/jpeg")
        else:
            self.fail(404, "not-found", "there is nothing at this address")

    def is_allowed(self):
        token = self.server.token
        header = self.headers.get("Authorization", "").encode("latin-1").decode()
        given = (self.options.get("token"), header.removeprefix("Bearer "))
        return not token or token in given

    def is_busy(self):
        if self.body[-4:] != b"BUSY":
            return False
        self.server.refused += 1
        if self.server.refused % 3 == 0:
            return False
        self.fail(503, "busy", "all places are taken", {"Retry-After": "1"})
        return True

    def caption(self):
        if self.is_busy():
            return
        with self.server.count:
            self.server.pictures += 1
            self.server.most = max(self.server.most, self.server.pictures)
        if self.body[-4:] == b"SLOW":
            time.sleep(2)
        with self.server.count:
            self.server.pictures -= 1
        if self.body.startswith(SIGNATURES) or b"ftyp" in self.body[:16]:
            self.json(200, described(self.body, self.options))
        else:
            self.fail(422, "undecodable", "this is not a picture, or it is broken")

    def start(self, kind):
        job = Job(kind, self.body)
        self.server.jobs[job.id] = job
        self.json(202, job.told(), {"Location": "/v1/jobs/" + job.id})

    def job(self, number, rest=None):
        job = self.server.jobs.get(number)
        if job is None:
            self.fail(404, "not-found", "there is no such job")
        elif self.command == "DELETE":
            self.server.jobs.pop(number).cancelled.set()
            self.send(204, b"", "text/plain")
        elif rest is None:
            self.json(200, job.told())
        elif rest == "events":
            self.events(job)
        else:
            self.send(200, *job.file(rest))

    def events(self, job):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        while job.status in ("queued", "running"):
            self.event("progress", job.progress())
            time.sleep(0.2)
            if job.ending[-3:] == b"CUT":
                return
        self.event(job.status, job.told())

    def event(self, name, data):
        self.wfile.write(("event: %s\ndata: %s\n\n" % (name, json.dumps(data))).encode())
        self.wfile.flush()

    def search(self, words):
        found = [name for name, (text, _) in CAPTIONS.items() if all(word in text for word in words.split())]
        self.json(200, {"results": [
            {"content": name.encode().hex(), "path": "/photos/%s.jpg" % name, "caption": CAPTIONS[name][0],
             "confidence": CAPTIONS[name][1], "score": 1.0} for name in found]})

    def fail(self, code, kind, message, headers={}):
        self.json(code, {"error": {"kind": kind, "message": message, "code": code}}, headers)

    def json(self, code, value, headers={}):
        self.send(code, json.dumps(value).encode(), "application/json", headers)

    def send(self, code, data, kind, headers={}):
        self.send_response(code)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port=0, token=None, has_library=True):
        super().__init__(("127.0.0.1", port), Handler)
        self.token, self.has_library, self.jobs, self.refused = token, has_library, {}, 0
        # How many pictures are held at the moment, and at most were.
        self.count, self.pictures, self.most = threading.Lock(), 0, 0

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8300)
    parser.add_argument("--token")
    parser.add_argument("--no-library", action="store_true")
    arguments = parser.parse_args()
    server = Server(arguments.port, arguments.token, not arguments.no_library)
    print(server.url, flush=True)
    server.serve_forever()
