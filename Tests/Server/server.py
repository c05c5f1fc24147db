"""What clients of all kinds may do to `narrate serve`: known programs, clumsy ones and hostile ones.

    swift build -c release
    python3.11 -m venv /tmp/server && /tmp/server/bin/pip install -r Tests/Server/requirements.txt
    /tmp/server/bin/python Tests/Server/server.py .build/release/narrate [--only NAME …]

Needs ffmpeg, which makes its videos. NARRATE_MODELS is the repository's models unless it is set. Nothing leaves this machine. With
--only, the groups whose names contain one of the words. Ends with a line of what passed and failed.
"""

import argparse
import atexit
import base64
import contextlib
import functools
import http.client
import json
import os
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HERE = os.path.dirname(os.path.abspath(__file__))
ASSETS = os.path.join(ROOT, "assets")
FIXTURES = os.path.join(ROOT, "Tests/MediaTests/Fixtures")
DESCRIPTION = os.path.join(ROOT, "Sources/Server/Page/openapi.json")
FOLDER = tempfile.mkdtemp(prefix="narrate-server-")
HOST = b"Host: 127.0.0.1\r\n"
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


@functools.cache
def sentence():
    """What the program says of the dog: its encoder's bytes are rounded otherwise by other versions of oneDNN."""
    done = subprocess.run(
        [PROGRAM, "caption", os.path.join(ASSETS, "dog.jpg")], capture_output=True, text=True, check=True,
        env=dict(os.environ, NARRATE_MODELS=os.environ.get("NARRATE_MODELS", os.path.join(ROOT, "models"))))
    return done.stdout.strip()


# -- What is counted


class Checks:

    def __init__(self):
        self.lock, self.passed, self.failed, self.group = threading.Lock(), 0, [], threading.local()

    def __call__(self, name, is_right, expected="", got=""):
        where = getattr(self.group, "name", "")
        with self.lock:
            if is_right:
                self.passed += 1
            else:
                self.failed.append(name)
                print("FAILED %s: %s: expected %s, got %s" % (where, name, expected, repr(got)[:400]), flush=True)
        return is_right

    def equal(self, name, got, expected):
        return self(name, got == expected, repr(expected)[:200], got)


check = Checks()

# -- The server


class Server:
    """The program, serving, with a folder of its own for what is temporary."""

    running = []

    def __init__(self, *options):
        self.temporary = tempfile.mkdtemp(dir=FOLDER)
        environment = dict(os.environ,
                           TMPDIR=self.temporary,
                           NARRATE_MODELS=os.environ.get("NARRATE_MODELS", os.path.join(ROOT, "models")))
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([PROGRAM, "serve", "--port", "0", *options],
                                        env=environment,
                                        stdin=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE)
        Server.running.append(self)
        address = threading.Event()
        self.port = None

        def read():
            for line in self.process.stderr:
                self.log.write(line)
                found = re.search(rb"listening at http://[^ ]+:(\d+)\s*$", line)
                if found and not self.port:
                    self.port = int(found.group(1))
                    address.set()

        threading.Thread(target=read, daemon=True).start()
        if not address.wait(30):
            raise SystemExit("the server does not say where it listens")
        self.token = options[options.index("--token") + 1] if "--token" in options else None
        for _ in range(300):
            if self.ask("GET", "/ready").status == 200:
                break
            time.sleep(0.1)

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.port

    def connect(self, wait=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout=wait)

    def ask(self, method, path, body=None, wait=60, **headers):
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=wait)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token and "Authorization" not in headers:
            headers["Authorization"] = "Bearer " + self.token
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            answer = argparse.Namespace(status=None, content=b"", headers={}, error=error)
        finally:
            connection.close()
        return answer

    def exchange(self, data):
        """One request's bytes as they are, and its answer."""
        with self.connect() as connection:
            connection.sendall(data)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            answer.content = answer.read()
            return answer

    def send(self, data, wait=2, ends=False):
        """Bytes as they are; what comes back, whether the connection was closed, and the seconds until the first byte came."""
        with self.connect(wait) as connection:
            start, first, got, is_closed = time.time(), None, b"", False
            with contextlib.suppress(OSError):
                connection.sendall(data)
                if ends:
                    connection.shutdown(socket.SHUT_WR)
            try:
                while part := connection.recv(1 << 16):
                    first = first or time.time() - start
                    got += part
                is_closed = True
            except TimeoutError:
                pass
            except OSError:
                is_closed = True
            return got, is_closed, first or 0

    def children(self):
        found = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError, IndexError):
                    with open("/proc/%s/stat" % entry) as file:
                        state, parent = file.read().rsplit(")", 1)[1].split()[:2]
                    with open("/proc/%s/cmdline" % entry) as file:
                        found.update({int(entry): (state, file.read())} if int(parent) == self.process.pid else {})
        return found

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.process.pid))

    def memory(self):
        """MiB."""
        with open("/proc/%d/status" % self.process.pid) as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read()).group(1)) >> 10

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    def stop(self, number=signal.SIGTERM, wait=30):
        """Its exit status; None where it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(wait)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def right(self, name="a good picture afterwards"):
        """Whether a picture is captioned as ever."""
        answer = self.ask("POST", "/v1/caption", DOG)
        return check(name, answer.status == 200 and b'"a brown dog' in answer.content, "200 and a brown dog",
                     (answer.status, answer.content[:200]))


@atexit.register
def stop_all():
    for server in Server.running:
        if server.process.poll() is None:
            server.process.kill()


# -- What is sent


def content(path):
    with open(path, "rb") as file:
        return file.read()


def video(name, *options):
    path = os.path.join(FOLDER, name)
    subprocess.run(["ffmpeg", "-v", "error", "-y", *options, path], check=True, stdin=subprocess.DEVNULL)
    return path


def stills(name, each, width=320, height=240):
    """Three pictures one after the other."""
    inputs, filters = [], ""
    for index, picture in enumerate(("dog", "cat", "horses")):
        inputs += ["-loop", "1", "-t", str(each), "-i", os.path.join(ASSETS, picture + ".jpg")]
        filters += "[%d]scale=%d:%d,setsar=1,fps=25[v%d];" % (index, width, height, index)
    return video(name, *inputs, "-filter_complex", filters + "[v0][v1][v2]concat=n=3", "-pix_fmt", "yuv420p", "-g", "25")


def png(width, height, color=0, bits=1):
    """Black, by as few bytes as zlib makes of it."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + (width * bits * {0: 1, 2: 3}[color] + 7) // 8)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)) \
        + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def tiff(width, height):
    """One strip that is not there."""
    entries = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
               (278, 4, height), (279, 4, min(width * height, 2**32 - 1))]
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries) + bytes(4)


def jpeg(width, height):
    """The dog, with other measures."""
    data = bytearray(DOG)
    start = next(data.find(marker) for marker in (b"\xff\xc0", b"\xff\xc2") if data.find(marker) > 0)
    data[start + 5:start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def uri(data, kind="image/jpeg"):
    return "data:%s;base64,%s" % (kind, base64.b64encode(data).decode())


def post(path, body, kind="application/octet-stream", more=b""):
    return b"POST %s HTTP/1.1\r\n%sContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n%s" % (path.encode(), HOST, kind.encode(),
                                                                                          len(body), more, body)


def status(answer):
    """Of an answer's bytes."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(found.group(1)) if found else None


def is_error(answer, path=""):
    """Whether a body is the error that the route's clients know."""
    try:
        body = json.loads(answer.content)
        if path in ("/api/generate", "/api/chat") and not isinstance(body["error"], dict):
            return isinstance(body["error"], str)
        if path.startswith("/api/v1/vision") and "code" in body:
            return body["code"] == answer.status and isinstance(body["error"], str) and body["result"] == {}
        error = body["error"]
        return set(error) == {"kind", "message", "code"} and error["code"] == answer.status and error["message"] != ""
    except (ValueError, KeyError, TypeError):
        return False


def refused(name, answer, *statuses, path=""):
    return check(name, answer.status in statuses and is_error(answer, path), "%s with a JSON error" % (statuses, ),
                 (answer.status, answer.content[:200]))


def job(server, path, body, wait=90):
    """A job's object when it is over."""
    begun = server.ask("POST", path, body)
    if not check("%s begins a job" % path, begun.status == 202, 202, (begun.status, begun.content[:200])):
        return {}
    end = time.time() + wait
    while time.time() < end:
        told = json.loads(server.ask("GET", begun.headers["Location"]).content)
        if told.get("status") not in ("queued", "running"):
            return told
        time.sleep(0.1)
    return {}


def lasting(processes):
    """Those that are there still after five seconds."""
    for _ in range(50):
        processes = [number for number in processes if os.path.exists("/proc/%d" % number)]
        if not processes:
            break
        time.sleep(0.1)
    return processes


def events(server, place):
    """Names and data of a job's events, and the seconds until its stream ended."""
    start = time.time()
    text = server.ask("GET", place + "/events").content.decode()
    found = [re.match(r"event: (\w+)\ndata: (.*)$", event) for event in text.split("\n\n") if event]
    return [(event.group(1), json.loads(event.group(2))) if event else ("?", None) for event in found], time.time() - start


# -- Groups of checks


def described(server):
    """What openapi.json says is valid, and what it says is so."""
    from openapi_spec_validator import validate
    document = json.loads(content(DESCRIPTION))
    answer = server.ask("GET", "/openapi.json")
    check("the served description is the repository's", answer.content == content(DESCRIPTION), "the same bytes",
          answer.content[:100])
    try:
        validate(document)
        check("openapi-spec-validator", True)
    except Exception as error:  # of many classes
        check("openapi-spec-validator", False, "a valid description", str(error))
    check("its size", len(content(DESCRIPTION)) < 64 << 10, "under 64 kB", len(content(DESCRIPTION)))
    environment = dict(os.environ,
                       NARRATE_TEST_CLIP=CLIP_SMALL,
                       SCHEMATHESIS_HOOKS="schemathesis_hooks",
                       PYTHONPATH=HERE,
                       NARRATE_TEST_PICTURES=":".join(os.path.join(ASSETS, name) for name in ("dog.jpg", "cat.jpg")),
                       NO_COLOR="1")
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    result = subprocess.run([
        program, "--config-file",
        os.path.join(HERE, "schemathesis.toml"), "run", DESCRIPTION, "--url", server.url, "--max-examples", "6", "--workers",
        "1", "--continue-on-failure", "--no-color", "--seed", "1", "--request-timeout", "60"
    ],
                            env=environment,
                            cwd=FOLDER,
                            stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT,
                            text=True,
                            timeout=170)
    if not check("schemathesis", result.returncode == 0, "no contradiction", "see below"):
        print(result.stdout)
    print("schemathesis:", re.sub(r"\s+", " ", result.stdout.strip().splitlines()[-1].strip("= ")), flush=True)
    server.right()


def routes(server):
    """Each route once."""
    import jsonschema
    document = json.loads(content(DESCRIPTION))

    def closed(schema):
        """The schema with no other fields than those that it names."""
        if isinstance(schema, list):
            return [closed(value) for value in schema]
        if not isinstance(schema, dict):
            return schema
        result = {key: closed(value) for key, value in schema.items()}
        if result.get("type") == "object" and isinstance(result.get("properties"), dict):
            result.setdefault("additionalProperties", False)
        return result

    # What is composed of others is left open.
    strict = closed(document)
    for name in ("OllamaAnswer", "OllamaGenerated", "OllamaChatted"):
        strict["components"]["schemas"][name] = document["components"]["schemas"][name]
    seen = set()

    def valid(method, path, template, answer, expected, kind="application/json"):
        seen.add((method, template))
        if not check("%s %s" % (method, path), answer.status == expected, expected, (answer.status, answer.content[:300])):
            return None
        check("%s's type" % path, (answer.headers["Content-Type"] or "").split(";")[0] == kind, kind,
              answer.headers["Content-Type"])
        check("%s: nosniff" % path, answer.headers["X-Content-Type-Options"] == "nosniff", "nosniff", dict(answer.headers))
        if kind not in ("application/json", "application/x-ndjson"):
            return answer.content
        value = json.loads(answer.content, object_pairs_hook=once)
        response = document["paths"][template][method.lower()]["responses"][str(expected)]
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]] if "$ref" in response else response
        schema = dict(closed(response["content"][kind]["schema"]), components=strict["components"])
        try:
            jsonschema.Draft202012Validator(schema).validate(value)
            check("%s as described" % path, True)
        except jsonschema.ValidationError as error:
            check("%s as described" % path, False, "what openapi.json says", error.message)
        return value

    def once(pairs):
        check("fields are there once",
              len({name
                   for name, _ in pairs}) == len(pairs), "no field twice", [name for name, _ in pairs])
        return dict(pairs)

    def get(path, template=None, kind="application/json", expected=200):
        return valid("GET", path, template or path.split("?")[0], server.ask("GET", path), expected, kind)

    def send(path, body, kind="application/json", expected=200, **headers):
        return valid("POST", path, path.split("?")[0], server.ask("POST", path, body, **headers), expected, kind)

    for path in ("/health", "/ready", "/openapi.json", "/api/version", "/api/tags", "/api/ps"):
        get(path)
    for path, kind in (("/", "text/html"), ("/app.js", "text/javascript"), ("/style.css", "text/css")):
        answer = server.ask("GET", path)
        check(
            path, answer.status == 200 and answer.headers["Content-Type"].startswith(kind)
            and "default-src 'none'" in answer.headers["Content-Security-Policy"], "200 with a policy",
            (answer.status, dict(answer.headers)))
    models = get("/v1/models")
    check("models", models and models["library"] is True
          and {"caption", "label"} <= {model["kind"]
                                       for model in models["models"]}, "caption and label", models)
    languages = models["models"][0]["languages"]
    for language, word in (("de", "Hund"), ("fr", "chien"), ("cs", "pes"), ("pt", "cachorro|c\u00e3o")):
        if language in languages:
            value = send("/v1/caption?language=" + language, DOG)
            check("caption in " + language, value and re.search(word, value["caption"]) and "dog" in value["english"]
                  and value["language"] == language, word, value)
        else:
            check.equal("no caption in " + language, server.ask("POST", "/v1/caption?language=" + language, DOG).status, 503)

    # Captions, by bytes and by JSON.
    for name, word in (("dog", "dog"), ("cat", "cat"), ("horses", "cow|horse"), ("coffee", "cup|coffee"),
                       ("astronaut", "person|woman|man|suit"), ("rocket", "rocket|tower|sky")):
        value = send("/v1/caption", content(os.path.join(ASSETS, name + ".jpg")), Content_Type="image/jpeg")
        check("caption of " + name, value and re.search(word, value["caption"]), word, value and value["caption"])
    value = send("/v1/caption?top=3&beam=5&max_words=12&people=neutral&style=flickr8k&attention=true", DOG)
    check("three captions", value and len(value["alternatives"]) == 2 and len(value["caption"].split()) <= 12,
          "two alternatives", value)
    cells = value["grid"]["rows"] * value["grid"]["columns"] if value else 0
    check("attention", value
          and all(len(word["attention"]) == cells and abs(sum(word["attention"]) - 1) < 0.05 for word in value["words"]),
          "sums of 1", "")
    value = send("/v1/caption", {"image": uri(DOG), "id": "IMG", "top": 2, "attention": True, "people": None})
    check("by JSON", value and value["id"] == "IMG" and len(value["alternatives"]) == 1 and "grid" in value,
          "its id, two captions, a grid", value)
    bare = send("/v1/caption", {"image": base64.b64encode(DOG).decode(), "id": 7})
    check("without a data URI", bare and bare["id"] == 7 and bare["caption"] == sentence(),
          "the same caption", bare)
    for form in ("webp", "png", "gif", "bmp", "tiff"):
        path = video("dog." + form, "-i", os.path.join(ASSETS, "dog.jpg"), "-frames:v", "1")
        value = send("/v1/caption", {"image": uri(content(path), "image/" + form)})
        check("a picture as " + form, value and "dog" in value["caption"], "a dog", value)
    value = send("/v1/caption", content(CLIP), Content_Type="video/mp4")
    check("a clip", value and value["width"] == 320, "320 wide", value)

    # Videos.
    value = send("/v1/label?top=2&stride=5&window=5", content(CLIP_MOVING))
    check("labels", value and value["segments"] and all(len(segment["labels"]) <= 2 for segment in value["segments"]),
          "segments of 2 labels at most", value)
    for path, body in (("/v1/label?async=true", content(CLIP_MOVING)), ("/v1/summarize?keyframes=2&people=neutral",
                                                                        content(CLIP))):
        begun = server.ask("POST", path, body)
        value = valid("POST", path, path.split("?")[0], begun, 202)
        place = begun.headers["Location"]
        check("a job's place", value and place == "/v1/jobs/" + value["id"], "/v1/jobs/ID", place)
        told, _ = events(server, place)
        check("the last event", told[-1][0] == "done" and {name
                                                           for name, _ in told[:-1]} <= {"progress"}, "progress, then done",
              [name for name, _ in told])
        seen.add(("GET", "/v1/jobs/{id}/events"))
        value = get(place, "/v1/jobs/{id}")
        check("the job's object", value == told[-1][1], "that of the last event", value)
    files = value["result"]["files"]
    frames = [frame["file"] for shot in value["result"]["shots"] for frame in shot["keyframes"]]
    check("a summary",
          len(value["result"]["shots"]) == 3 and 1 <= len(frames) <= 3 and set(frames) < set(files), "3 shots", value["result"])
    kinds = {
        "json": "application/json", "html": "text/html", "vtt": "text/vtt", "srt": "application/x-subrip",
        "zip": "application/zip", "jpg": "image/jpeg"
    }
    contents = {}
    for name in files:
        answer = server.ask("GET", "%s/%s" % (place, name))
        contents[name] = answer.content
        seen.add(("GET", "/v1/jobs/{id}/keyframes/{picture}" if "/" in name else "/v1/jobs/{id}/{file}"))
        check(
            "a summary's " + name, answer.status == 200
            and answer.headers["Content-Type"].split(";")[0] == kinds[name.rsplit(".")[-1]]
            and "default-src 'none'" in answer.headers["Content-Security-Policy"], kinds[name.rsplit(".")[-1]],
            dict(answer.headers))
    path = os.path.join(FOLDER, "summary.zip")
    with open(path, "wb") as file:
        file.write(contents["summary.zip"])
    with zipfile.ZipFile(path) as archive:
        check(
            "the archive",
            archive.testzip() is None
            and {name: archive.read(name)
                 for name in archive.namelist()} == {name: data
                                                     for name, data in contents.items() if name != "summary.zip"},
            "all other files", archive.namelist())
    check("its subtitles", contents["chapters.vtt"].startswith(b"WEBVTT") and b" --> " in contents["captions.srt"],
          "WebVTT and SubRip", contents["chapters.vtt"][:60])
    check("its key frames", all(contents[name].startswith(b"\xff\xd8") for name in frames), "JPEG", frames)
    refused("a job's unknown file", server.ask("GET", place + "/nothing.txt"), 404)
    answer = server.ask("DELETE", place)
    check("DELETE", answer.status == 204 and answer.content == b"", 204, (answer.status, answer.content))
    seen.add(("DELETE", "/v1/jobs/{id}"))
    for method, path in (("GET", place), ("DELETE", place), ("GET", place + "/events"), ("GET", place + "/summary.json")):
        refused("%s when it is gone" % method, server.ask(method, path), 404)

    # The catalogue.
    value = get("/v1/library/search?q=dog&limit=3")
    check("a search", value and value["results"] and value["results"][0]["path"].endswith("dog.jpg"), "dog.jpg first", value)
    data = get("/v1/library/thumbnail/" + value["results"][0]["content"], "/v1/library/thumbnail/{content}",
               "image/jpeg") if value and value["results"] else b""
    check("a thumbnail", data and data.startswith(b"\xff\xd8"), "JPEG", (data or b"")[:20])
    for query in ("", "?q=", "?q=dog&limit=0", "?q=dog&limit=1001", "?q=dog&q=cat", "?q=dog&other=1"):
        refused("search" + query, server.ask("GET", "/v1/library/search" + query), 400)
    for query in ('"', "*", "NEAR(", "a' OR 1=1 --", "%00", "%FF", "-", "dog AND", "x" * 3000):
        answer = server.ask("GET", "/v1/library/search?q=" + (query if query[0] == "%" else urllib.parse.quote(query)))
        check("search for %s" % query[:20], answer.status in (200, 400), "200 or 400", (answer.status, answer.content[:200]))
    for name in ("0", "x", "-1", "99999999999999999999", "%00", "1.5"):
        refused("thumbnail " + name, server.ask("GET", "/v1/library/thumbnail/" + name), 404)

    # The routes of others.
    send("/api/generate", {"model": "m", "prompt": "Describe", "images": [base64.b64encode(DOG).decode()], "stream": False})
    send("/api/generate", {"model": "m", "prompt": "Describe", "images": [base64.b64encode(DOG).decode()]},
         "application/x-ndjson")
    send("/api/chat", {"messages": [{"role": "user", "content": "?", "images": [base64.b64encode(DOG).decode()]}]},
         "application/x-ndjson")
    send("/api/show", {"model": "m"})
    send("/v1/chat/completions",
         {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": uri(DOG)}}]}]})
    send("/v1/responses", {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": uri(DOG)}]}]})
    for kind in ("caption", "labels"):
        send("/api/v1/vision/" + kind, {"images": [uri(DOG)]})
    send("/generate-caption", {"image_path": os.path.join(ALLOWED, "dog.jpg")}, expected=201)
    text = get("/metrics", kind="text/plain").decode()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    check("metrics",
          all(re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"\n]*"(,[a-z]+="[^"\n]*")*\})? [0-9.e+-]+', line) for line in lines),
          "Prometheus's text", lines[:5])
    check("metrics count", re.search(r'narrate_requests_total\{route="/v1/caption",status="200"\} \d', text), "captions",
          text[:300])
    described = {(method.upper(), path)
                 for path, item in document["paths"].items()
                 for method in item if method in ("get", "post", "delete")}
    check.equal("each route of the description was asked for", sorted(described - seen), [])


def methods(server):
    """HEAD, OPTIONS, and methods that a route does not have; and that the connection is in step after them."""
    document = json.loads(content(DESCRIPTION))
    for template, item in document["paths"].items():
        path = template.replace("{id}", "0" * 32).replace("{file}",
                                                          "summary.json").replace("{picture}",
                                                                                  "0001.jpg").replace("{content}", "1")
        path += "?q=dog" if "search" in path else ""
        has = {method.upper() for method in item if method in ("get", "post", "delete")}
        for method in ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST", "GET", "TRACE", "QUERY"):
            if method in has:
                continue
            # Two more requests on the same connection tell whether an answer was longer or shorter than it said.
            data = b"%s %s HTTP/1.1\r\n%s\r\n" % (method.encode(), path.encode(), HOST)
            with server.connect(5) as connection:
                connection.sendall(data)
                answer = http.client.HTTPResponse(connection, method=method)
                try:
                    answer.begin()
                    answer.content = answer.read()
                    is_closed = answer.will_close
                    after = b"200"
                    if not is_closed:
                        connection.sendall(b"GET /health HTTP/1.1\r\n%s\r\n" % HOST)
                        after = connection.recv(12)
                except (OSError, http.client.HTTPException) as error:
                    check("%s %s" % (method, path), False, "an answer", error)
                    continue
            if method == "OPTIONS":
                allowed = set((answer.headers["Allow"] or "").split(", "))
                check("OPTIONS " + path, answer.status == 204 and has <= allowed, "204 and Allow", (answer.status, allowed))
            elif method == "HEAD" and "GET" in has:
                whole = server.ask("GET", path)
                check(
                    "HEAD " + path, answer.status == whole.status and answer.content == b""
                    and answer.headers["Content-Length"] in (None, whole.headers["Content-Length"]) or path == "/metrics",
                    "as GET, without a body",
                    (answer.status, whole.status, answer.headers["Content-Length"], whole.headers["Content-Length"]))
            elif method == "HEAD":
                check("HEAD " + path, answer.status == 405, 405, answer.status)
            else:
                refused("%s %s" % (method, path), answer, 405)
                check("Allow of %s" % path, has <= set((answer.headers["Allow"] or "").split(", ")), has,
                      answer.headers["Allow"])
            check("in step after %s %s" % (method, path), b"200" in after, "200", after)
    for path in ("/nope", "/v1", "/v1/", "/api", "/v1/jobs", "/v1/jobs/", "/..", "/v1/caption/more", "/index.html",
                 "/favicon.ico"):
        for method in ("GET", "POST", "DELETE", "OPTIONS", "QUERY"):
            answer = server.ask(method, path)
            check("%s %s" % (method, path), answer.status == 404 and is_error(answer), 404,
                  (answer.status, answer.content[:100]))
    got, _, _ = server.send(b"HEAD /nope HTTP/1.1\r\n%s\r\nGET /health HTTP/1.1\r\n%s\r\n" % (HOST, HOST), wait=1)
    check("HEAD of nothing has no body", re.fullmatch(rb"HTTP/1.1 404 .*?\r\n\r\nHTTP/1.1 200 .*", got, re.S), "two heads", got)


def ollama(server):
    """The client of Ollama."""
    import ollama as package
    client = package.Client(host=server.url)
    path = os.path.join(ASSETS, "dog.jpg")
    said = sentence()
    for image in (path, DOG, base64.b64encode(DOG).decode()):
        check.equal("generate", client.generate(model="llava", prompt="Describe this image.", images=[image]).response, said)
    parts = list(client.generate(model="llava", prompt="Describe", images=[DOG], stream=True))
    check("generate, streaming", [part.response for part in parts if part.response] == [said] and parts[-1].done
          and parts[-1].response == said, "the whole caption in the last part", parts)
    answer = client.chat(model="llava",
                         messages=[{"role": "system", "content": "You describe."},
                                   {"role": "user", "content": "?", "images": [path]}],
                         options={"temperature": 0},
                         keep_alive="5m")
    check("chat", answer.message.content == said and answer.message.role == "assistant" and answer.done, said, answer)
    parts = list(client.chat(model="llava", messages=[{"role": "user", "content": "?", "images": [DOG]}], stream=True))
    check("chat, streaming", "".join(part.message.content for part in parts) == said and parts[-1].done, said, parts)
    answer = client.chat(model="llava",
                         messages=[{"role": "user", "content": "?", "images": [DOG]}, {"role": "assistant", "content": said},
                                   {"role": "user", "content": "Tags, please: keywords only"}])
    check("chat that goes on", "dog" in answer.message.content, "of the picture above", answer)
    check("keywords", "dog" in client.generate(model="m", prompt="List tags, comma separated",
                                               images=[DOG]).response.split(", "), "dog among them", "")
    check("one word",
          len(client.generate(model="m", prompt="Answer with one word.", images=[DOG]).response.split()) == 1, "a word", "")
    answer = json.loads(client.generate(model="m", prompt="x", images=[DOG], format="json").response)
    check("format json", answer["caption"] == said and answer["labels"], "a caption and labels", answer)
    check("two pictures",
          len(client.generate(model="m", prompt="x", images=[DOG, CAT]).response.splitlines()) == 2, "two lines", "")
    check("list", client.list().models[0].model.startswith("caption-everyday"), "caption-everyday", client.list())
    check("ps", client.ps().models[0].model.startswith("caption-everyday"), "caption-everyday", "")
    check("show", "vision" in client.show("caption-everyday").capabilities, "vision", "")
    answer = client.generate(model="m")
    check("load", answer.done and answer.response == "", "done, without a word", answer)
    for name, images, code in (("no picture", [b"not a picture"], 415), ("half a picture", [DOG[:500]], 422)):
        try:
            client.generate(model="m", images=images)
            check(name, False, "an error", "none")
        except package.ResponseError as error:
            check(name, error.status_code == code and error.error and "{" not in error.error, "%d and a sentence" % code,
                  (error.status_code, error.error))
    # PhotoPrism's own requests in this form.
    body = {
        "id": "", "model": "gemma3:latest", "prompt": "Write a caption", "suffix": "", "format": "json",
        "options": {"num_ctx": 4096, "temperature": 0.1}, "stream": False, "images": [base64.b64encode(DOG).decode()]
    }
    answer = json.loads(server.ask("POST", "/api/generate", body).content)
    check("PhotoPrism's request of Ollama", json.loads(answer["response"])["labels"], "labels", answer)


def openai(server):
    """The client of OpenAI."""
    import openai as package
    client = package.OpenAI(base_url=server.url + "/v1", api_key="none", max_retries=0)
    said = sentence()

    def ask(image, **more):
        return client.chat.completions.create(model="gpt-4o",
                                              max_tokens=300,
                                              messages=[{"role": "system", "content": "You describe pictures."}, {
                                                  "role": "user",
                                                  "content": [{"type": "text", "text": "What is in this picture?"},
                                                              {"type": "image_url", "image_url": image}]
                                              }],
                                              **more)

    for name, image in (("object", {"url": uri(DOG), "detail": "low"}), ("string", uri(DOG)), ("bare base64", {
            "url": base64.b64encode(DOG).decode()
    }), ("WebP", {"url": uri(content(video("openai.webp", "-i", os.path.join(ASSETS, "dog.jpg"))), "image/webp")})):
        answer = ask(image)
        check(
            "chat.completions, " + name, "dog" in answer.choices[0].message.content
            and answer.choices[0].finish_reason == "stop" and answer.model == "gpt-4o" and answer.usage.total_tokens > 1, said,
            answer)
        parts = list(ask(image, stream=True))
        words = [part.choices[0].delta.content for part in parts if part.choices and part.choices[0].delta.content]
        check("chat.completions, streaming, " + name,
              len(words) == 1 and "dog" in words[0] and parts[-1].choices[0].finish_reason == "stop", said, parts)
    question = [{
        "role": "user", "content": [{"type": "input_text", "text": "?"},
                                    {"type": "input_image", "image_url": uri(DOG), "detail": "auto"}]
    }]
    answer = client.responses.create(model="gpt-4o", input=question)
    check.equal("responses", answer.output_text, said)
    parts = list(client.responses.create(model="gpt-4o", input=question, stream=True))
    check(
        "responses, streaming", parts[0].type == "response.created" and parts[-1].type == "response.completed"
        and parts[-1].response.output_text == said
        and said in [part.delta for part in parts if part.type == "response.output_text.delta"], "created, delta, completed",
        [part.type for part in parts])
    with client.responses.stream(model="gpt-4o", input=question) as stream:
        check.equal("responses.stream", stream.get_final_response().output_text, said)
    check("models.list", [model.id for model in client.models.list()] == ["caption-everyday"], "caption-everyday", "")
    for name, image, error, code in (("address", {"url": "http://127.0.0.1:9/dog.jpg"}, package.BadRequestError,
                                      400), ("no picture", {"url": uri(b"no picture at all")}, package.APIStatusError, 415),
                                     ("no base64", {"url": "data:image/png,xyz"}, package.UnprocessableEntityError, 422)):
        try:
            ask(image)
            check(name, False, "an error", "none")
        except error as raised:
            check(name, raised.status_code == code and raised.body["message"], "%d and a message" % code, raised)
    try:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hello"}])
        check("no picture", False, "an error", "none")
    except package.BadRequestError:
        check("no picture", True)


def photos(server):
    """PhotoPrism's vision service, as Go sends it, and LibrePhotos' captions, as requests does."""

    def ask(kind, body, key=None):
        data = json.dumps(body, separators=(",", ":")).encode()
        answer = server.exchange(
            b"POST /api/v1/vision/%s HTTP/1.1\r\nHost: localhost:%d\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: %d\r\n%sContent-Type: application/json\r\n"
            b"Accept-Encoding: gzip\r\n\r\n%s" %
            (kind.encode(), server.port, len(data), b"Authorization: Bearer %s\r\n" % key if key else b"", data))
        return answer.status, json.loads(answer.content)

    given = {"id": "3487da77-246e-4b4c-9437-67507177bcd7", "suffix": "", "stream": False, "images": [uri(DOG)]}
    code, body = ask("caption", given)
    check(
        "PhotoPrism's caption", code == 200 and body["id"] == given["id"] and body["code"] == 200
        and body["result"]["caption"]["text"] == sentence()
        and body["result"]["caption"]["source"] == "image" and 0 < body["result"]["caption"]["confidence"] <= 1, "a caption",
        body)
    check("PhotoPrism's model",
          set(body["model"]) == {"type", "name", "version", "resolution"} and isinstance(body["model"]["resolution"], int),
          "type, name, version, resolution", body["model"])
    code, body = ask("labels", given, b"some-key")
    check(
        "PhotoPrism's labels", code == 200 and "dog" in [label["name"] for label in body["result"]["labels"]]
        and all(set(label) >= {"name", "source", "confidence", "topicality"} for label in body["result"]["labels"]),
        "dog among them", body)
    for name, images, expected in (("an address", ["https://127.0.0.1:9/api/v1/dl/x"],
                                    400), ("no picture", [uri(b"none")], 415), ("none", [], 400), ("none at all", None, 400),
                                   ("half", [uri(DOG[:700])], 422)):
        code, body = ask("caption", dict(given, images=images))
        check("PhotoPrism, " + name, code == expected and body["code"] == expected and body["error"]
              and body["id"] == given["id"], "%d in the body, with the id" % expected, (code, body))

    import requests
    allowed, folder = os.path.join(ALLOWED, "dog.jpg"), tempfile.mkdtemp(dir=FOLDER)
    address = "http://localhost:%d/generate-caption" % server.port

    def caption(path):
        answer = requests.post(address, json={"image_path": path, "onnx": False, "blip": False}, timeout=20)
        return argparse.Namespace(status=answer.status_code, content=answer.content)

    answer = caption(allowed)
    check("LibrePhotos", answer.status == 201
          and json.loads(answer.content) == {"caption": sentence()}, 201,
          (answer.status, answer.content))
    shutil.copy(allowed, os.path.join(folder, "outside.jpg"))
    os.symlink(os.path.join(folder, "outside.jpg"), os.path.join(ALLOWED, "out.jpg"))
    os.symlink(folder, os.path.join(ALLOWED, "folder-out"))
    os.symlink("dog.jpg", os.path.join(ALLOWED, "in.jpg"))
    os.symlink("loop.jpg", os.path.join(ALLOWED, "loop.jpg"))
    os.mkfifo(os.path.join(ALLOWED, "pipe.jpg"))
    os.mkdir(os.path.join(ALLOWED, "folder.jpg"))
    bound = socket.socket(socket.AF_UNIX)
    bound.bind(os.path.join(ALLOWED, "socket.jpg"))
    open(os.path.join(ALLOWED, "empty.jpg"), "w").close()
    with open(os.path.join(ALLOWED, "huge.jpg"), "wb") as file:
        file.truncate(200 << 30)
    os.mkdir(ALLOWED + "-beside")
    shutil.copy(allowed, ALLOWED + "-beside/dog.jpg")
    check("a link within", caption(os.path.join(ALLOWED, "in.jpg")).status == 201, 201, "")
    check("a path with ..", caption(os.path.join(ALLOWED, "folder.jpg/../dog.jpg")).status == 201, 201, "")
    for name in ("out.jpg", "folder-out/outside.jpg", "../" + os.path.basename(folder) + "/outside.jpg", "loop.jpg",
                 "nothing.jpg", "", "dog.jpg/x", "dog.jpg\0.png", "x" * 5000, "../" * 300 + "etc/passwd"):
        refused("the path %s" % repr(name[:40]), caption(os.path.join(ALLOWED, name)), 404)
    for path in (os.path.join(folder, "outside.jpg"), ALLOWED + "-beside/dog.jpg", "/etc/passwd", "/proc/self/environ",
                 "/proc/self/root" + allowed + "/../../x", "/proc/self/mem", "/dev/zero", "/dev/stdin", "/proc/self/fd/0",
                 "dog.jpg", "./dog.jpg", "file://" + allowed, "~/dog.jpg", "", "/", ALLOWED, "\0"):
        refused("the path %s" % repr(path[:40]), caption(path), 404)
    for name in ("pipe.jpg", "folder.jpg", "socket.jpg"):
        refused(name, caption(os.path.join(ALLOWED, name)), 404, 415)
    refused("an empty file", caption(os.path.join(ALLOWED, "empty.jpg")), 422)
    start = time.time()
    refused("a file of 200 GiB", caption(os.path.join(ALLOWED, "huge.jpg")), 413)
    check("a file of 200 GiB at once", time.time() - start < 1, "under a second", time.time() - start)
    for path in (5, None, [], {}, True):
        refused("the path %s" % path, caption(path), 400)
    check("a path by GET", requests.get(address, params={"image_path": allowed}, timeout=5).status_code == 405, 405, "")
    bound.close()


def types(server):
    """Each field of each JSON route with values of other types."""
    import jsonschema
    document = json.loads(content(DESCRIPTION))
    schemas = {"components": document["components"]}
    good = {
        "/v1/caption": {
            "image": uri(TINY), "id": "x", "top": 1, "beam": 1, "max_words": 3, "people": "guess", "style": "photos",
            "attention": False
        },
        "/api/generate": {"model": "m", "prompt": "p", "images": [uri(TINY)], "stream": False, "format": "json", "options": {}},
        "/api/chat": {
            "model": "m", "messages": [{"role": "user", "content": "x", "images": [uri(TINY)]}], "stream": False,
            "format": "json"
        },
        "/api/show": {"model": "m"},
        "/v1/chat/completions": {
            "model": "m", "stream": False, "messages": [{
                "role": "user", "content": [{"type": "text", "text": "x"},
                                            {"type": "image_url", "image_url": {"url": uri(TINY)}}]
            }]
        },
        "/v1/responses": {
            "model": "m", "stream": False, "input": [{
                "role": "user", "content": [{"type": "input_text", "text": "x"},
                                            {"type": "input_image", "image_url": uri(TINY)}]
            }]
        },
        "/api/v1/vision/caption": {"id": "x", "model": "m", "images": [uri(TINY)]},
        "/api/v1/vision/labels": {"id": "x", "images": [uri(TINY)]},
        "/generate-caption": {"image_path": os.path.join(ALLOWED, "dog.jpg")},
    }
    values = [None, True, 5, -1, 1.5, 10**30, "", "x", [], {}, [None], [[]], {"a": {}}]

    def places(value, place=()):
        yield place
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
            yield from places(inner, place + (key, ))

    def changed(value, place, new):
        if not place:
            return new
        copy = dict(value) if isinstance(value, dict) else list(value)
        copy[place[0]] = changed(copy[place[0]], place[1:], new)
        return copy

    def one(path, place, new):
        body = changed(good[path], place, new)
        schema = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        is_valid = jsonschema.Draft202012Validator(dict(schema, **schemas)).is_valid(body)
        answer = server.ask("POST", path, json.dumps(body).encode(), Content_Type="application/json")
        name = "%s with %s = %s" % (path, ".".join(map(str, place)) or "all", json.dumps(new))
        if answer.status is None or answer.status >= 500 or (answer.status >= 400 and not is_error(answer, path)):
            check(name, False, "no 5xx, and a JSON error", (answer.status, answer.content[:200]))
        elif is_valid:
            check(name, answer.status < 300 or answer.status in (404, 415, 422)
                  or path.startswith("/v1/") and answer.status == 400, "what is valid is taken",
                  (answer.status, answer.content[:200]))
        else:
            check(name, answer.status >= 400, "400", (answer.status, answer.content[:200]))

    with ThreadPoolExecutor(4) as pool:
        for _ in pool.map(lambda given: one(*given),
                          [(path, place, new) for path in good for place in places(good[path]) for new in values]):
            pass


def bodies(server):
    """Bodies that are wrong."""
    routes = [
        "/v1/caption", "/api/generate", "/api/chat", "/api/show", "/v1/chat/completions", "/v1/responses",
        "/api/v1/vision/caption", "/api/v1/vision/labels", "/generate-caption"
    ]
    wrong = {
        "100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "a million [": b'{"image":' + b"[" * 1_000_000,
        "invalid UTF-8": b'{"image":"\xff\xfe","model":"\xc0\x80"}', "half of it": b'{"image":"', "nothing": b"",
        "a list": b"[]", "text": b'"x"', "null": b"null", "NaN": b'{"image":NaN}',
        "a lone surrogate": b'{"image":"\\ud800","messages":5,"images":5,"input":5,"image_path":5}', "NULs": bytes(1000),
        "two": b"{}{}", "a comment": b"/**/{}", "1e999": b'{"image":1e999,"messages":1,"input":1,"images":1,"image_path":1}',
        "a million digits": b'{"image":' + b"1" * 1_000_000 + b"}"
    }
    for path in routes:
        for name, body in wrong.items():
            refused("%s: %s" % (path, name),
                    server.ask("POST", path, body, Content_Type="application/json"),
                    400,
                    422,
                    path=path)
    # Small values by the million: refused before they are taken apart, and others do not wait.
    for name, body in (("lists", b'{"messages":[' + b"[]," * 4_000_000 + b"[]]}"),
                       ("fields", b"{" + b'"a":1,' * 2_000_000 + b'"b":1}'), ("numbers",
                                                                              b'{"input":[' + b"1," * 6_000_000 + b"1]}")):
        begun = time.time()
        refused("many values: " + name, server.ask("POST", "/v1/chat/completions", body, Content_Type="application/json"), 400)
        check("many values, at once: " + name, time.time() - begun < 2, "2 s", time.time() - begun)
    for path in ("/v1/caption", "/v1/label", "/v1/summarize"):
        refused("%s: no body" % path, server.ask("POST", path), 422)
        refused("%s: empty body" % path, server.ask("POST", path, b""), 422)
        refused("%s: gzip" % path, server.ask("POST", path, zlib.compress(DOG), Content_Encoding="gzip"), 415)
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="dog.jpg"\r\nContent-Type: image/jpeg\r\n\r\n' + DOG + b"\r\n--x--\r\n"
        refused("%s: a form" % path, server.ask("POST", path, form, Content_Type="multipart/form-data; boundary=x"), 415)
    for kind in ("video/mp4", "text/html", "image/png", "x", "application/json5", "/", ";;;",
                 "application/x-www-form-urlencoded", "application/octet-stream", "\xe9"):
        answer = server.ask("POST", "/v1/caption", DOG, Content_Type=kind)
        check("a JPEG as %s" % kind, answer.status == 200, 200, (answer.status, answer.content[:100]))
    for kind in ("application/json", "Application/JSON;charset=utf-8", " application/json "):
        refused("a JPEG as %s" % kind, server.ask("POST", "/v1/caption", DOG, Content_Type=kind), 400)
    for path in ("/v1/label", "/v1/summarize"):
        refused("%s by JSON" % path, server.ask("POST", path, {"video": "x"}), 415)
    for name, image, statuses in (("no base64", "!!!", (422, )), ("a data URI without base64", "data:image/jpeg,abc", (422, )),
                                  ("a data URI without data", "data:image/jpeg;base64,", (422, )), ("data:", "data:", (422, )),
                                  ("an empty text", "", (422, )), ("a path", "/etc/passwd", (400, 415, 422)), ("half a byte",
                                                                                                               "A", (422, ))):
        refused(name, server.ask("POST", "/v1/caption", {"image": image}), *statuses)
    safe = server.ask("POST", "/v1/caption", {"image": base64.urlsafe_b64encode(DOG).decode()})
    check("URL-safe base64", safe.status == 200 and b"brown dog" in safe.content or safe.status == 422, "decoded, or 422",
          (safe.status, safe.content[:100]))
    for query in ("top=0", "top=65", "top=x", "top=", "top=1.5", "top=1e1", "top=99999999999999999999", "beam=0", "beam=65",
                  "max_words=0", "max_words=201", "people=x", "people=", "language=x", "language=", "style=x", "style=", "style=../x", "attention=x",
                  "attention=", "foo=1", "top=1&top=1", "top", "=1", "%00=1", "top=%FF", "top=%31%00", "x" * 3000 + "=1",
                  "&".join("a%d=1" % number for number in range(1000))):
        refused("/v1/caption?%s" % query[:30], server.ask("POST", "/v1/caption?" + query, DOG), 400)
    for path, query in (("/v1/label", "top=0"), ("/v1/label", "top=1001"), ("/v1/label", "stride=0"),
                        ("/v1/label", "stride=nan"), ("/v1/label", "stride=inf"), ("/v1/label", "stride=1e-300"),
                        ("/v1/label", "window=-1"), ("/v1/label", "window=1e9"), ("/v1/label", "async=maybe"),
                        ("/v1/label", "beam=3"), ("/v1/summarize", "keyframes=0"), ("/v1/summarize", "keyframes=100001"),
                        ("/v1/summarize", "keyframes=x"), ("/v1/summarize", "people=x"), ("/v1/summarize", "async=true")):
        refused("%s?%s" % (path, query), server.ask("POST", "%s?%s" % (path, query), content(CLIP_SMALL)), 400)


def pictures(server):
    """Pictures that are bombs, broken or odd."""
    start = server.memory()
    bombs = {
        "PNG, 30000 x 30000": png(30000, 30000), "PNG, 16000 x 16001": png(16000,
                                                                           16001), "JPEG, 65535 x 65535": jpeg(65535, 65535),
        "JPEG, 65000 x 65000": jpeg(65000, 65000), "TIFF, 100000 x 100000": tiff(100_000, 100_000),
        "PNG, 2^31 - 1": png(1, 1)[:16] + struct.pack(">II", 2**31 - 1, 2**31 - 1) + png(1, 1)[24:]
    }
    for name, data in bombs.items():
        begun = time.time()
        refused(name, server.ask("POST", "/v1/caption", data), 413, 415, 422)
        check("%s at once" % name, time.time() - begun < 3, "under 3 s", time.time() - begun)
        refused(name + " by JSON", server.ask("POST", "/v1/caption", {"image": uri(data)}), 413, 415, 422)
    for name in ("huge.jpg", "huge.png"):
        refused(name, server.ask("POST", "/v1/caption", content(os.path.join(FIXTURES, name))), 413, 415, 422)
    for size in (1, 2, 3, 10, 100, 400):
        refused("a JPEG's first %d bytes" % size, server.ask("POST", "/v1/caption", DOG[:size]), 415, 422)
    answer = server.ask("POST", "/v1/caption", DOG[:len(DOG) // 2])
    check("half a JPEG", answer.status == 422 or answer.status == 200 and json.loads(answer.content).get("damaged") is True,
          "422, or damaged", (answer.status, answer.content[-200:]))
    generator = __import__("random").Random(1)
    for number in range(30):
        data = bytearray(
            generator.choice([DOG[:20000], TINY,
                              content(CLIP_SMALL),
                              content(os.path.join(FIXTURES, "one-pixel.png"))]))
        for _ in range(20):
            data[generator.randrange(len(data))] = generator.randrange(256)
        answer = server.ask("POST", "/v1/caption", bytes(data))
        check("flipped bytes %d" % number, answer.status == 200 or answer.status in (413, 415, 422) and is_error(answer),
              "200, 413, 415 or 422", (answer.status, answer.content[:200]))
    for name, data in (
        ("text", b"hello " * 1000), ("HTML", b"<html><img src=http://127.0.0.1:9/></html>"),
        ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'),
        ("a playlist", b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"), ("ffconcat", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("SDP",
         b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5000 RTP/AVP 96\na=rtpmap:96 H264/90000\n"),
        ("zeros", bytes(100_000)), ("PDF", b"%PDF-1.4\n" + bytes(100)), ("ZIP", b"PK\x03\x04" + bytes(100)),
        ("ELF", content("/bin/true")[:5000])):
        for path in ("/v1/caption", "/v1/label"):
            refused("%s as a picture for %s" % (name, path), server.ask("POST", path, data), 415, 422)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.ask("POST", "/v1/caption", bombs["PNG, 30000 x 30000"]), range(64)))
    check("64 bombs at once", all(answer.status in (413, 415, 422, 503) for answer in answers), "413 or 503",
          [answer.status for answer in answers])
    large = png(8000, 8000, 2, 8)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.ask("POST", "/v1/caption", large), range(16)))
    check("16 pictures of 64 megapixels", all(answer.status in (200, 503) for answer in answers), 200,
          [answer.status for answer in answers])
    check("memory after pictures", server.memory() - start < 1500, "under 1500 MiB more", server.memory() - start)


def addresses(server):
    """Addresses in place of pictures: nobody fetches them."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    visits, over = [], threading.Event()

    def watch():
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                visits.append(listener.accept()[1])

    watcher = threading.Thread(target=watch)
    watcher.start()
    place = "127.0.0.1:%d/dog.jpg" % listener.getsockname()[1]
    for address in ("http://" + place, "https://" + place, "HTTP://" + place, " http://" + place, "\thttp://" + place,
                    "//" + place, "ftp://" + place, "file:///etc/passwd", "file://" + os.path.join(ASSETS, "dog.jpg"),
                    "rtsp://" + place, "tcp://" + place, "data:image/jpeg;url=http://" + place, "concat:http://" + place,
                    "blob:http://" + place, "view-source:http://" + place):
        for path, body in (("/v1/caption", {"image": address}), ("/api/generate", {"images": [address]}), ("/api/chat", {
                "messages": [{"role": "user", "content": "", "images": [address]}]
        }), ("/v1/chat/completions",
             {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": address}}]}]
              }), ("/v1/chat/completions",
                   {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": address}]}]
                    }), ("/v1/responses",
                         {"input": [{"role": "user",
                                     "content": [{"type": "input_image",
                                                  "image_url": address}]}]}), ("/api/v1/vision/caption", {"images": [address]}),
                           ("/api/v1/vision/labels", {"images": [address]}), ("/generate-caption", {"image_path": address})):
            answer = server.ask("POST", path, body)
            check("%s with %s" % (path, address), answer.status in (400, 404, 415, 422) and is_error(answer, path), "refused",
                  (answer.status, answer.content[:200]))
    refused("PhotoPrism's url",
            server.ask("POST", "/api/v1/vision/caption", {"url": "http://" + place}),
            400,
            path="/api/v1/vision/caption")
    # A video that refers to others.
    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://%s\n#EXT-X-ENDLIST\n" % place.encode()
    for path in ("/v1/caption", "/v1/label", "/v1/summarize"):
        server.ask("POST", path, playlist)
    time.sleep(0.3)
    over.set()
    watcher.join()
    listener.close()
    check.equal("connections to the addresses", visits, [])


def framing(server):
    """HTTP itself: smuggling, odd heads, versions."""
    get = b"GET /health HTTP/1.1\r\n" + HOST

    def answers(name, data, expected, count=None, wait=1, ends=False, closed=None):
        got, is_closed, _ = server.send(data, wait, ends)
        statuses = [int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", got) if code != b"100"]
        check(
            name,
            bool(statuses) and statuses[0] in expected and (count is None or len(statuses) == count)
            and (closed is None or is_closed == closed),
            "%s%s%s" % (expected, "" if count is None else ", %d answers" % count,
                        "" if closed is None else ", closed" if closed else ", open"), (statuses, is_closed, got[-150:]))

    start = b"POST /v1/caption HTTP/1.1\r\n" + HOST
    second = get + b"\r\n"
    for name, head, body in (("both lengths", b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
                             ("both lengths, the other way", b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                              b"0\r\n\r\n"), ("two lengths", b"Content-Length: 5\r\nContent-Length: 6\r\n",
                                              b"abcdef"), ("a list of lengths", b"Content-Length: 5, 6\r\n",
                                                           b"abcde"), ("a length with +", b"Content-Length: +5\r\n", b"abcde"),
                             ("a length below 0", b"Content-Length: -1\r\n",
                              b""), ("a length in hexadecimal", b"Content-Length: 0x5\r\n",
                                     b"abcde"), ("a length past all numbers", b"Content-Length: 99999999999999999999999\r\n",
                                                 b""), ("xchunked", b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
                             ("chunked, identity", b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
                             ("chunked and identity", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                              b"0\r\n\r\n"), ("chunked after a tab", b"Transfer-Encoding:\x0bchunked\r\n", b"0\r\n\r\n"),
                             ("a space before the colon", b"Transfer-Encoding : chunked\r\n",
                              b"0\r\n\r\n"), ("a folded line", b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
                             ("a bad chunk size", b"Transfer-Encoding: chunked\r\n",
                              b"zz\r\n\r\n"), ("a chunk size below 0", b"Transfer-Encoding: chunked\r\n",
                                               b"-1\r\n\r\n"), ("a chunk that is longer", b"Transfer-Encoding: chunked\r\n",
                                                                b"1\r\nabc\r\n0\r\n\r\n")):
        answers(name, start + head + b"\r\n" + body + second, (400, 501), 1, closed=True)
    answers(
        "a chunked body", start + b"Transfer-Encoding: chunked\r\n\r\n" +
        b"".join(b"%x\r\n%s\r\n" % (len(DOG[first:first + 5000]), DOG[first:first + 5000])
                 for first in range(0, len(DOG), 5000)) + b"0\r\n\r\n" + second, (200, ), 2)
    answers(
        "a chunked body with extensions and trailers",
        start + b"Transfer-Encoding: chunked\r\n\r\n" + b"%x;a=b\r\n%s\r\n0\r\nX-Trailer: 1\r\n\r\n" % (len(DOG), DOG) + second,
        (200, ), 2)
    answers("ten at once", (get + b"\r\n") * 10, (200, ), 10)
    answers("pictures at once", post("/v1/caption", DOG) * 4, (200, ), 4, wait=3)
    answers("no Host", b"GET /health HTTP/1.1\r\n\r\n", (400, 403), 1)
    answers("two Hosts", b"GET /health HTTP/1.1\r\n" + HOST + b"Host: evil\r\n\r\n", (400, 403), 1)
    answers("two Hosts, the other way", b"GET /health HTTP/1.1\r\nHost: evil\r\n" + HOST + b"\r\n", (400, 403), 1)
    answers("HTTP/1.0", b"GET /health HTTP/1.0\r\n" + HOST + b"\r\n", (200, ), 1, closed=True)
    answers("HTTP/1.0, kept", b"GET /health HTTP/1.0\r\nConnection: keep-alive\r\n" + HOST + b"\r\n", (200, ), 1)
    answers("Connection: close", get + b"Connection: close\r\n\r\n", (200, ), 1, closed=True)
    for name, data in (("HTTP/0.9", b"GET /health\r\n\r\n"), ("HTTP/2.0", b"GET /health HTTP/2.0\r\n" + HOST + b"\r\n"),
                       ("HTTP/2's preface",
                        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), ("an unknown method",
                                                               b"FOO /health HTTP/1.1\r\n" + HOST + b"\r\n"),
                       ("line feeds alone", b"GET /health HTTP/1.1\nHost: 127.0.0.1\n\n"), ("a NUL in a field",
                                                                                            get + b"X: a\0b\r\n\r\n"),
                       ("bytes", bytes(range(256)) * 20), ("TLS", bytes.fromhex("16030100a5010000a10303") + bytes(160)),
                       ("invalid bytes in the URL", b"GET /v1/jobs/\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n"),
                       ("5,000 fields", get + b"".join(b"X-%d: a\r\n" % number for number in range(5000)) + b"\r\n"),
                       ("a field of 1 MB", get + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n"),
                       ("a URL of 1 MB",
                        b"GET /health?" + b"a" * 1_000_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"), ("a method of 1 MB",
                                                                                                  b"A" * 1_000_000)):
        got, is_closed, _ = server.send(data, 2)
        check(name, is_closed and status(got) in (400, 405, 414, 431, 501, 505, None), "refused, and closed",
              (status(got), is_closed))
    answers("an absolute target", b"GET http://127.0.0.1/health HTTP/1.1\r\n" + HOST + b"\r\n", (200, ), 1)
    answers("another's absolute target", b"GET http://evil/health HTTP/1.1\r\n" + HOST + b"\r\n", (400, 403), 1)
    # What the target says counts (RFC 9112, 3.2.2).
    answers("an absolute target, another's Host", b"GET http://127.0.0.1/health HTTP/1.1\r\nHost: evil\r\n\r\n",
            (200, 400, 403), 1)
    answers("CONNECT", b"CONNECT evil:443 HTTP/1.1\r\n" + HOST + b"\r\n", (400, 403, 404, 405, 501), 1)
    answers("OPTIONS *", b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", (200, 204, 400, 404), 1)
    answers("invalid bytes in a field", get + b"X: \xff\xfe\r\n\r\n", (200, 400), 1)
    answers("an upgrade",
            get + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n",
            (200, ), 1)
    answers("a body cut short", start + b"Content-Length: 1000\r\n\r\nabc", (400, ), 1, ends=True, closed=True)
    answers("a picture cut short", start + b"Content-Length: 500000\r\n\r\n" + DOG, (400, ), 1, ends=True, closed=True)
    answers("a chunked body cut short",
            start + b"Transfer-Encoding: chunked\r\n\r\n1000\r\nabc", (400, ),
            1,
            ends=True,
            closed=True)
    answers("a client that has said all", post("/v1/caption", DOG), (200, ), 1, ends=True, closed=True)
    large = []
    for path in ("/v1/caption", "/v1/label", "/v1/summarize", "/api/generate", "/v1/chat/completions",
                 "/api/v1/vision/caption"):
        head = b"POST %s HTTP/1.1\r\n%sContent-Length: 10000000000\r\n" % (path.encode(), HOST)
        for name, data in (("10 GB", head + b"\r\n"), ("10 GB and some of it", head + b"\r\n" + bytes(3_000_000)),
                           ("10 GB if it may", head + b"Expect: 100-continue\r\n\r\n")):
            large.append(("%s to %s" % (name, path), data))
    with ThreadPoolExecutor(18) as pool:
        for (name, _), (got, is_closed, seconds) in zip(large, pool.map(lambda case: server.send(case[1], 8), large)):
            # Who goes on sending may see no answer, but a connection that is reset.
            check(
                name, is_closed
                and (status(got) == 413 and seconds < 1 and b"100 Continue" not in got or "some" in name and not got),
                "413 at once, then closed", (status(got), is_closed, seconds))
    # A client that waits to be told to go on.
    with server.connect(5) as connection:
        connection.sendall(start + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(DOG))
        first = b""
        with contextlib.suppress(OSError):
            first = connection.recv(100)
        check("100 Continue", first.startswith(b"HTTP/1.1 100"), 100, first)
        connection.sendall(DOG)
        last = b""
        with contextlib.suppress(OSError):
            last = connection.recv(1 << 16)
        check("and then", b" 200 " in last, 200, last[:100])
    # A connection that is used again directly after an error.
    for name, method, path, body in (("405", "PATCH", "/v1/caption", None), ("404", "GET", "/nope",
                                                                             None), ("400", "POST", "/v1/caption?top=0", TINY),
                                     ("413", "POST", "/v1/caption", png(30000,
                                                                        30000)), ("415 of a video", "POST", "/v1/label", DOG),
                                     ("404 with a body", "POST", "/nope", TINY), ("405 with a body", "PUT", "/v1/caption",
                                                                                  TINY)):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, path, body)
        answer = connection.getresponse()
        answer.read()
        if not answer.will_close:
            # The connection is there still: it must bear another request for as long as the server keeps it.
            time.sleep(0.45)
            connection.auto_open = 0
            try:
                connection.request("POST", "/v1/caption", content(CLIP))
                check("a request after %s" % name, connection.getresponse().status == 200, 200, "")
            except (OSError, http.client.HTTPException) as error:
                check("a request after %s" % name, False, "an answer, or Connection: close before", error)
        else:
            check("a request after %s" % name, True)
        connection.close()


def names(server):
    """Host, Origin and paths that try to be another's."""
    port = server.port
    right = ["127.0.0.1", "127.0.0.1:%d" % port, "localhost", "LOCALHOST:%d" % port, "LocalHost", "[::1]", "[::1]:%d" % port]
    wrong = [
        "evil",
        "evil.com:%d" % port, "localhost.evil",
        "localhost.evil:%d" % port, "127.0.0.1.evil", "127.0.0.1.nip.io", "evil.localhost", "localhost.", "localhost@evil",
        "evil@localhost", "127.0.0.1:evil.com", "127.0.0.1:80:evil", "[::1].evil", "[::1]evil", "[::ffff:7f00:1]", "127.1",
        "2130706433", "0x7f.0.0.1", "0.0.0.0", "127.0.0.2", "localhost:99999999", "localhost:-1", "local host",
        "localhost,evil", "localhost#", "localhost/", "local%68ost", ":", ":80", "[", "[::1", "::1"
    ]
    for host in right + wrong:
        got, _, _ = server.send(b"GET /v1/models HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % host.encode(), 2)
        check("Host: " + host, (status(got) == 200) == (host in right) and status(got) in (200, 400, 403),
              "200" if host in right else "403", status(got))
    own = "http://127.0.0.1:%d" % port
    for origin, expected in ((own, 200), ("null", 403), ("http://evil", 403), ("http://127.0.0.1", 403),
                             ("http://127.0.0.1:%d.evil" % port, 403), ("http://localhost:%d" % port,
                                                                        403), (own + ".evil", 403), (own + "/", 403), ("", 403),
                             ("file://", 403), ("http://evil@127.0.0.1:%d" % port, 403)):
        for method, path, body in (("GET", "/v1/models", None), ("POST", "/v1/caption", TINY)):
            answer = server.ask(method, path, body, Origin=origin)
            check("%s from %s" % (method, origin), answer.status == expected and (expected == 200 or is_error(answer)),
                  expected, answer.status)
    for site, expected in (("same-origin", 200), ("none", 200), ("cross-site", 403), ("same-site", 403)):
        check.equal("a page of %s" % site, server.ask("GET", "/v1/models", Sec_Fetch_Site=site).status, expected)
    check("a link from elsewhere to the page", server.ask("GET", "/", Sec_Fetch_Site="cross-site").status == 200, 200, "")
    answer = server.ask("OPTIONS", "/v1/caption", Origin="http://evil", Access_Control_Request_Method="POST")
    check("no leave for other sites", answer.status == 403
          and not any(name.lower().startswith("access-control") for name in answer.headers), "403, and no Access-Control field",
          (answer.status, dict(answer.headers)))

    begun = job(server, "/v1/summarize", content(CLIP))
    place = "/v1/jobs/" + begun.get("id", "x")
    check("a name of its own", server.ask("GET", place + "/keyframes/0001.jpg").status == 200, 200, begun.get("error"))
    for name in ("../../etc/passwd", "../../../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc%2fpasswd",
                 "%2fetc%2fpasswd", "//etc/passwd", "keyframes/../../../etc/passwd", "keyframes/..%5c..%5cx",
                 "keyframes%2F0001.jpg%00.png", "summary.json%00", "summary.json/", "./summary.json", "keyframes/", "keyframes",
                 "SUMMARY.JSON", "%FF%FE", "%", "%zz", "summary.json;x", "summary.json%0d%0aX: y", "x" * 5000):
        got, _, _ = server.send(b"GET %s/%s HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (place.encode(), name.encode(), HOST), 2)
        check("a job's file %s" % name[:40],
              status(got) in (400, 404) and b"root:" not in got or name in ("summary.json/", "%s"), "404",
              (status(got), got[-100:]))
    for name in ("..", "%2e%2e", "x", "0" * 32, "0" * 5000, begun.get("id", "").upper(), begun.get("id", "")[:-1],
                 begun.get("id", "") + "0", "*", "%00", "%FF", "'", "undefined"):
        got, _, _ = server.send(b"GET /v1/jobs/%s HTTP/1.1\r\n%sConnection: close\r\n\r\n" % (name.encode(), HOST), 2)
        check("a job called %s" % name[:40], status(got) in (400, 404), 404, status(got))
    server.ask("DELETE", place)


def slow(server):
    """Clients that send or read slowly: each for itself, all at the same time."""
    start = b"POST /v1/caption HTTP/1.1\r\n" + HOST
    cases = {
        "a byte a second": (start + b"Content-Length: 1000\r\n\r\n", b"a",
                            24), "a chunk a second": (start + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 24),
        "a video, a byte a second": (b"POST /v1/summarize HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n", b"a",
                                     24), "no body": (start + b"Content-Length: 1000\r\n\r\n", b"", 24),
        "a JSON body, a byte a second": (b"POST /api/generate HTTP/1.1\r\n" + HOST +
                                         b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n", b"{", 24),
        "a body that nobody wants, a byte a second": (b"POST /nope HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n", b"a",
                                                      30),
        "a body for a query that is wrong": (b"POST /v1/caption?top=0 HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n",
                                             b"a", 30),
        "a GET's body, a byte a second": (b"GET /health HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\n", b"a", 30),
        "a head, a field a second": (b"GET /health HTTP/1.1\r\n" + HOST, b"X: a\r\n", 80),
        "a head, a byte a second": (b"GET /health HTTP/1.1\r\n" + HOST + b"X: ", b"a", 80), "nothing at all": (b"", b"", 80)
    }

    def one(name):
        head, part, limit = cases[name]
        with server.connect(1) as connection:
            begun, got, is_closed = time.time(), b"", False
            with contextlib.suppress(OSError):
                connection.sendall(head)
            while time.time() - begun < limit and not is_closed:
                try:
                    connection.sendall(part)
                    data = connection.recv(1 << 16)
                    got, is_closed = got + data, not data
                except TimeoutError:
                    pass
                except OSError:
                    is_closed = True
            check("%s is ended" % name, is_closed and status(got) in (None, 200, 400, 404, 408),
                  "408, or closed, in %d s" % limit, (status(got), is_closed, time.time() - begun))

    def endless():
        """Chunks that come fast and never end."""
        with server.connect(20) as connection:
            got, chunk, closed = b"", b"10000\r\n" + b"a" * 0x10000 + b"\r\n", False
            deadline = time.monotonic() + 20
            with contextlib.suppress(OSError):
                connection.sendall(start + b"Transfer-Encoding: chunked\r\n\r\n")
                closed = True
                while time.monotonic() < deadline:
                    connection.sendall(chunk)
                closed = False
            with contextlib.suppress(OSError):
                got = connection.recv(1 << 16)
            check("chunks without end", closed and status(got) in (413, None), "413, and closed soon",
                  (closed, got[:50]))

    def reader():
        """A client that asks for more and more and reads none of it."""
        with server.connect(5) as connection:
            sent, begun, is_closed, watch = 0, time.time(), False, select.poll()
            watch.register(connection, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            connection.setblocking(False)
            while time.time() - begun < 90 and not is_closed:
                try:
                    sent += connection.send(b"GET /openapi.json HTTP/1.1\r\n" + HOST + b"\r\n") if sent < 50_000_000 else 0
                except BlockingIOError:
                    time.sleep(0.5)
                except OSError:
                    is_closed = True
                is_closed = is_closed or bool(watch.poll(0))
            check("a client that reads nothing", is_closed, "closed in 90 s", (sent, time.time() - begun))

    threads = [threading.Thread(target=one, args=[name]) for name in cases
               ] + [threading.Thread(target=endless), threading.Thread(target=reader)]
    for thread in threads:
        thread.start()
    # Others are served meanwhile.
    time.sleep(3)
    server.right("a picture while others are slow")
    for thread in threads:
        thread.join()


def leaving(server):
    """Clients that go away in the middle."""
    for number in range(40):
        with server.connect() as connection:
            connection.sendall(post("/v1/caption" if number % 2 else "/v1/summarize", DOG)[:100 + 3000 * number])
            if number % 3 == 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    for number in range(20):
        with server.connect() as connection:
            connection.sendall(post("/v1/caption?attention=true&top=10", DOG))
            if number % 2:
                time.sleep(0.01 * number)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    begun = server.ask("POST", "/v1/summarize", content(CLIP_LONG))
    place = begun.headers["Location"]
    for number in range(5):
        with server.connect() as connection:
            connection.sendall(b"GET %s/events HTTP/1.1\r\n%s\r\n" % (place.encode(), HOST))
            connection.recv(100)
    server.ask("DELETE", place)
    for _ in range(3):
        with server.connect() as connection:
            connection.sendall(post("/v1/label", content(CLIP)))
            time.sleep(0.1)
    # Nobody works on for who is gone.
    with server.connect() as connection:
        connection.sendall(post("/v1/label", content(CLIP_ENDLESS)))
        time.sleep(0.5)
    begun = time.time()
    told = job(server, "/v1/summarize", content(CLIP), 30)
    check("a video whose sender is gone holds nobody up",
          told.get("status") == "done" and time.time() - begun < 15, "done in 15 s", (told.get("status"), time.time() - begun))
    many = [server.connect() for _ in range(500)]
    server.right("a picture beside 500 idle connections")
    for connection in many:
        connection.close()
    server.right()


def jobs(server):
    """Progress, cancelling, order."""
    long, short = content(CLIP_LONG), content(CLIP)
    first, second = (server.ask("POST", "/v1/label?async=true", long), server.ask("POST", "/v1/summarize", short))
    check("two jobs", first.status == 202 and second.status == 202, 202, (first.status, second.status))
    first, second = first.headers["Location"], second.headers["Location"]
    for _ in range(100):
        told = json.loads(server.ask("GET", first).content)
        if told["status"] == "running" and told.get("seconds", 0) > 0:
            break
        time.sleep(0.1)
    check("progress", told["status"] == "running" and told["seconds"] > 0 and told["duration"] > 20
          and 0 < told["fraction"] < 1, "running", told)
    check("the second waits", json.loads(server.ask("GET", second).content)["status"] == "queued", "queued", "")
    refused("a file of a job that runs", server.ask("GET", first + "/summary.json"), 404)
    begun = time.time()
    check("a picture does not wait for a video", server.right() and time.time() - begun < 2, "under 2 s", time.time() - begun)
    with ThreadPoolExecutor(2) as pool:
        watched = pool.submit(events, server, first)
        time.sleep(0.5)
        answer = server.ask("DELETE", first)
        check("DELETE while it runs", answer.status == 204, 204, answer.status)
        told, seconds = watched.result(20)
    check("its events end", told[-1][0] == "cancelled" and told[-1][1]["status"] == "cancelled" and seconds < 5, "cancelled",
          (told[-1], seconds))
    refused("it is gone", server.ask("GET", first), 404)
    told, seconds = events(server, second)
    check("then the second", told[-1][0] == "done" and told[-1][1]["result"]["files"], "done", told[-1])
    moments = [data["seconds"] for name, data in told if name == "progress" and "seconds" in data]
    check("its progress grows", moments == sorted(moments), "seconds that grow", moments[:20])
    # One that waits is cancelled.
    first, second = (server.ask("POST", "/v1/summarize", data).headers["Location"] for data in (long, short))
    with ThreadPoolExecutor(2) as pool:
        watched = pool.submit(events, server, second)
        time.sleep(0.2)
        server.ask("DELETE", second)
        told, _ = watched.result(20)
    check("one that waits is cancelled", told[-1][0] == "cancelled", "cancelled", told)
    server.ask("DELETE", first)
    for name, data in (("a still", DOG), ("a PNG", TINY), ("text", b"hello"), ("half a video", content(CLIP)[:5000]),
                       ("a video without frames", content(os.path.join(FIXTURES, "sound.mp4"))),
                       ("a broken video", short[:100] + bytes(len(short) - 100))):
        for path in ("/v1/summarize", "/v1/label?async=true"):
            answer = server.ask("POST", path, data)
            if answer.status == 202:
                told, _ = events(server, answer.headers["Location"])
                error = told[-1][1].get("error", {})
                check("%s to %s" % (name, path), told[-1][0] == "failed" and error.get("code") in (413, 415, 422)
                      and error.get("message"), "failed, 415 or 422", told[-1])
            else:
                refused("%s to %s" % (name, path), answer, 415, 422)
    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(lambda _: server.ask("POST", "/v1/label?async=true", long), range(24)))
    check(
        "24 videos at once",
        all(answer.status in (202, 503) and (answer.status == 202 or answer.headers["Retry-After"]) for answer in answers)
        and {202, 503} == {answer.status
                           for answer in answers}, "202, or 503 with Retry-After", [answer.status for answer in answers])
    for answer in answers:
        if answer.status == 202:
            server.ask("DELETE", answer.headers["Location"])
    server.right()


def tokens():
    """A server that asks for a token."""
    server = Server("--token", "secret-token-1")
    for name, headers, path, expected in (("none", {}, "/v1/models", 401), ("wrong", {"Authorization": "Bearer wrong-token-1"},
                                                                            "/v1/models", 401),
                                          ("right", {"Authorization": "Bearer secret-token-1"}, "/v1/models",
                                           200), ("longer", {"Authorization": "Bearer secret-token-12"}, "/v1/models",
                                                  401), ("shorter", {"Authorization": "Bearer secret-token-"}, "/v1/models",
                                                         401), ("empty", {"Authorization": "Bearer "}, "/v1/models", 401),
                                          ("in a query", {}, "/v1/models?token=secret-token-1",
                                           200), ("in a query, coded", {}, "/v1/models?token=secret%2Dtoken-1",
                                                  200), ("wrong in a query", {}, "/v1/models?token=secret",
                                                         401), ("empty in a query", {}, "/v1/models?token=", 401),
                                          ("a password", {"Authorization": "Basic c2VjcmV0LXRva2VuLTE="}, "/v1/models",
                                           401), ("wrong, and right in a query", {"Authorization": "Bearer x"
                                                                                  }, "/v1/models?token=secret-token-1",
                                                  401), ("none for /health", {}, "/health",
                                                         200), ("none for the page", {}, "/",
                                                                200), ("none for its script", {}, "/app.js",
                                                                       200), ("none for /metrics", {}, "/metrics",
                                                                              401), ("none for /ready", {}, "/ready", 401),
                                          ("none for /openapi.json", {}, "/openapi.json",
                                           401), ("none for nothing", {}, "/nope",
                                                  401), ("none by a way round", {}, "/health/../v1/models",
                                                         401), ("none by another", {}, "//v1/models",
                                                                401), ("none by a third", {}, "/./v1/models", 401),
                                          ("none by a fourth", {}, "/%2e/v1/models", 401), ("none for /health/", {}, "/health/",
                                                                                            None)):
        headers = dict(headers, Authorization=headers.get("Authorization")) if headers else {}
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.content = answer.read()
        connection.close()
        check("token: " + name, answer.status == expected or expected is None and answer.status in (200, 401, 404), expected,
              answer.status)
        if answer.status == 401:
            check("its error",
                  is_error(answer) and answer.headers["WWW-Authenticate"] == "Bearer", "WWW-Authenticate", dict(answer.headers))
    got, is_closed, seconds = server.send(
        b"POST /v1/caption HTTP/1.1\r\n" + HOST + b"Content-Length: 60000000\r\n\r\n" + bytes(100_000), 8)
    check("a large body without the token",
          status(got) in (401, None) and is_closed and seconds < 1, "401, and closed", (status(got), is_closed, seconds))
    check("a caption with the token", server.ask("POST", "/v1/caption", DOG).status == 200, 200, "")
    check("its token is in no log", "secret-token-1" not in server.said(), "none", "")
    check.equal("it ends", server.stop(), 0)
    for options in (["--host", "0.0.0.0"], ["--token", "short"], ["--token", "with a space in it"],
                    ["--allow-path", "/nonexistent"], ["--queue", "0"], ["--library", "/nonexistent.sqlite"]):
        result = subprocess.run([PROGRAM, "serve", "--port", "0", *options],
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE,
                                timeout=20)
        check("serve %s" % " ".join(options), result.returncode != 0 and result.stderr and b"listening" not in result.stderr,
              "an error", (result.returncode, result.stderr))


def queue():
    """More at once than may wait."""
    server = Server("--queue", "4")
    large = png(3000, 3000, 2, 8)

    def one(number):
        start = time.time()
        answer = server.ask("POST", "/v1/caption", large if number % 2 else DOG)
        return answer, time.time() - start

    for _ in range(2):
        with ThreadPoolExecutor(64) as pool:
            results = list(pool.map(one, range(64)))
        statuses = sorted({answer.status for answer, _ in results}, key=str)
        check("64 at once", statuses in ([200], [200, 503]) or statuses == [503], "200 or 503", statuses)
        check("503 says when to come again",
              all(answer.headers["Retry-After"] and is_error(answer) for answer, _ in results if answer.status == 503),
              "Retry-After", "")
        check("none hangs", max(seconds for _, seconds in results) < 5, "5 s", max(seconds for _, seconds in results))
        check("some are answered", any(answer.status == 200 for answer, _ in results), "200", statuses)
        print("queue: %d of 64 answered, the slowest in %.1f s" %
              (sum(answer.status == 200 for answer, _ in results), max(seconds for _, seconds in results)),
              flush=True)
    server.right()
    check.equal("it ends", server.stop(), 0)


def ending():
    """SIGTERM and SIGINT with work in hand."""
    large = png(4000, 4000, 2, 8)
    for number in (signal.SIGTERM, signal.SIGINT):
        server = Server()
        server.right()
        with ThreadPoolExecutor(8) as pool:
            answers = [pool.submit(server.ask, "POST", "/v1/caption", large) for _ in range(8)]
            time.sleep(0.2)
            in_hand = sum(not answer.done() for answer in answers)
            begun = time.time()
            code = server.stop(number)
            answers = [answer.result() for answer in answers]
        check("8 in hand are answered", all(answer.status == 200 for answer in answers), "8 times 200",
              [answer.status for answer in answers])
        check("some were in hand", in_hand > 0, "1 or more", in_hand)
        check("signal %d" % number, code == 0 and time.time() - begun < 15, "exit 0 in 15 s", (code, time.time() - begun))
        check.equal("nothing is left in the temporary folder", os.listdir(server.temporary), [])
    # A job, its listener, an idle connection, and a body on its way.
    server = Server()
    server.right()
    place = server.ask("POST", "/v1/label?async=true", content(CLIP_LONG)).headers["Location"]
    idle = server.connect()
    half = server.connect()
    half.sendall(post("/v1/caption", DOG)[:-1])
    with ThreadPoolExecutor(2) as pool:
        watched = pool.submit(events, server, place)
        time.sleep(1)
        helpers = list(server.children())
        begun = time.time()
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        got = b""
        with contextlib.suppress(OSError):
            half.sendall(DOG[-1:])
            got = half.recv(1 << 16)
        code = server.stop()
        told, _ = watched.result(20)
    check("a job at the end", code == 0 and time.time() - begun < 15, "exit 0 in 15 s", (code, time.time() - begun))
    check("its listener is told", bool(told) and told[-1][0] in ("cancelled", "done"), "cancelled or done", told[-1:])
    check("a body on its way is answered", b" 200 " in got, 200, got[:100])
    check.equal("nothing is left in the temporary folder", os.listdir(server.temporary), [])
    check.equal("no process is left", lasting(helpers), [])
    idle.close()
    half.close()
    # A long video whose sender waits for the answer.
    server = Server()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.ask, "POST", "/v1/label", content(CLIP_ENDLESS))
        time.sleep(2)
        begun = time.time()
        code = server.stop()
        answer = answer.result()
    check("a long video does not hold the end up", code == 0 and time.time() - begun < 20, "exit 0 in 20 s",
          (code, time.time() - begun))
    refused("its sender is told", answer, 409, 503)
    # Killed, it leaves nothing either.
    server = Server()
    server.ask("POST", "/v1/summarize", content(CLIP_LONG))
    time.sleep(0.3)
    helpers = list(server.children())
    server.process.kill()
    server.process.wait()
    check.equal("nothing is left after SIGKILL", (os.listdir(server.temporary), lasting(helpers)), ([], []))


def decoders():
    """The processes that decode are killed."""
    server = Server()
    server.right()
    webp = content(video("decoders.webp", "-i", os.path.join(ASSETS, "dog.jpg")))
    check("there are some", any("(decode)" in line for _, line in server.children().values()), "narrate (decode)",
          server.children())
    killed, over = [0], threading.Event()

    def kill():
        while not over.is_set() and killed[0] < 12:
            for number, (_, line) in server.children().items():
                if "(decode)" in line:
                    with contextlib.suppress(OSError):
                        os.kill(number, signal.SIGKILL)
                        killed[0] += 1
            time.sleep(0.15)

    killer = threading.Thread(target=kill)
    killer.start()
    with ThreadPoolExecutor(3) as pool:
        answers = list(
            pool.map(lambda number: server.ask("POST", "/v1/caption", (DOG, webp, content(CLIP_SMALL))[number % 3]),
                     range(120)))
    over.set()
    killer.join()
    bad = [answer for answer in answers if answer.status != 200]
    check("killed decoders cost few requests", killed[0] > 0 and len(bad) <= 2 * killed[0], "as many as were killed",
          (killed, [answer.status for answer in bad]))
    check("their errors", all(answer.status is not None and is_error(answer) for answer in bad), "JSON errors",
          [(answer.status, answer.content[:100]) for answer in bad])
    for data, name in ((DOG, "JPEG"), (webp, "WebP"), (content(CLIP_SMALL), "video")):
        check("the next %s" % name, server.ask("POST", "/v1/caption", data).status == 200, 200, "")
    # In the middle of a job: it fails or goes on, and the next one works.
    begun = server.ask("POST", "/v1/summarize", content(CLIP_LONG))
    time.sleep(0.7)
    for number, (_, line) in server.children().items():
        if "(decode)" in line:
            with contextlib.suppress(OSError):
                os.kill(number, signal.SIGKILL)
    told, _ = events(server, begun.headers["Location"])
    check("a job whose decoder dies", told[-1][0] in ("failed", "done"), "failed or done", told[-1])
    check("the next job", job(server, "/v1/summarize", content(CLIP)).get("status") == "done", "done", "")
    server.right()
    time.sleep(0.5)
    check("no dead processes stay", not any(state == "Z" for state, _ in server.children().values()), "none", server.children())
    check.equal("it ends", server.stop(), 0)
    check.equal("nothing is left", os.listdir(server.temporary), [])


# -- All of them


def measured(server, groups):
    """Runs groups one after the other; what they leave behind must be little."""
    server.right()
    job(server, "/v1/summarize", content(CLIP_SMALL))
    server.ask("POST", "/v1/label", content(CLIP_MOVING))
    descriptors, memory = server.descriptors(), server.memory()
    yield
    for group in groups:
        run(group, server)
    yield
    for _ in range(50):
        if server.descriptors() <= descriptors + 64 and not os.listdir(server.temporary):
            break
        time.sleep(0.2)
    check.group.name = "afterwards"
    server.right()
    check("it lives", server.process.poll() is None, "still", server.process.poll())
    check("open descriptors", server.descriptors() <= descriptors + 64, "%d at most" % (descriptors + 64), server.descriptors())
    check.equal("nothing in the temporary folder", os.listdir(server.temporary), [])
    links = [
        os.readlink("/proc/%d/fd/%s" % (server.process.pid, name)) for name in os.listdir("/proc/%d/fd" % server.process.pid)
    ]
    check.equal("no file without a name stays", [link for link in links if link.startswith(server.temporary)], [])
    check("memory", server.memory() < memory + 1500, "%d MiB at most" % (memory + 1500), server.memory())
    errors = [line for line in server.said().splitlines() if '"level":"error"' in line]
    check("no errors in its log", not errors, "none", errors[:3])
    print("memory: %d MiB at first, %d at last; descriptors: %d and %d" %
          (memory, server.memory(), descriptors, server.descriptors()),
          flush=True)
    check.equal("it ends", server.stop(), 0)
    check.equal("nothing in the temporary folder after the end", os.listdir(server.temporary), [])


def run(group, *arguments):
    if ONLY and not any(word in group.__name__ for word in ONLY):
        return
    check.group.name = group.__name__
    start = time.time()
    try:
        group(*arguments)
    except Exception as error:
        import traceback
        traceback.print_exc()
        check("no exception", False, "none", error)
    print("%-10s %5.1f s" % (group.__name__, time.time() - start), flush=True)


def main():
    library = os.path.join(FOLDER, "catalogue.sqlite")
    shutil.copytree(ASSETS, ALLOWED)
    environment = dict(os.environ, NARRATE_MODELS=os.environ.get("NARRATE_MODELS", os.path.join(ROOT, "models")))
    subprocess.run([PROGRAM, "library", "add", ALLOWED, "--catalogue", library],
                   env=environment,
                   check=True,
                   stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    options = ["--library", library, "--allow-path", ALLOWED]
    # schemathesis and the slow clients have servers of their own, beside the others.
    beside = [threading.Thread(target=run, args=[described, Server(*options, "--allow-path", ASSETS)])]
    slowly = Server()
    beside.append(threading.Thread(target=run, args=[slow, slowly]))
    for thread in beside:
        thread.start()
    groups = [routes, methods, ollama, openai, photos, types, bodies, pictures, addresses, framing, names, leaving, jobs]
    for _ in measured(Server(*options), groups):
        pass
    for group in (tokens, queue, ending, decoders):
        run(group)
    for thread in beside:
        thread.join()
    check.group.name = "afterwards"
    slowly.right("the server of the slow clients")
    check.equal("it ends", slowly.stop(), 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--only", nargs="*", default=[])
    given = parser.parse_args()
    PROGRAM, ONLY = os.path.abspath(given.program), given.only
    began = time.time()
    DOG, CAT = content(os.path.join(ASSETS, "dog.jpg")), content(os.path.join(ASSETS, "cat.jpg"))
    TINY = png(8, 8, 2, 8)
    ALLOWED = os.path.join(FOLDER, "allowed")
    CLIP, CLIP_LONG = stills("clip.mp4", 2), video("long.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25", "-t", "60",
                                                   "-pix_fmt", "yuv420p")
    CLIP_ENDLESS = video("endless.mp4", "-stream_loop", "19", "-i", CLIP_LONG, "-c", "copy")
    CLIP_SMALL = video("small.mp4", "-f", "lavfi", "-i", "testsrc=size=96x64:rate=10", "-t", "0.4", "-pix_fmt", "yuv420p")
    CLIP_MOVING = video("moving.mp4", "-f", "lavfi", "-i", "testsrc2=size=160x120:rate=25", "-t", "6", "-pix_fmt", "yuv420p")
    main()
    print("%.0f s" % (time.time() - began))
    print("%d passed, %d failed" % (check.passed, len(check.failed)))
    sys.exit(1 if check.failed else 0)
