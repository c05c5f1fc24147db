"""Uses the page of `narrate serve` as people do, in a headless Chromium, and looks at what comes of it.

    sudo apt-get install -y chromium chromium-driver ffmpeg
    python3 -m venv /tmp/page && /tmp/page/bin/pip install -r Tests/Page/requirements.txt && \\
      /tmp/page/bin/pip install --no-deps -r Tests/Page/requirements-without-dependencies.txt    # for its axe.min.js alone
    /tmp/page/bin/python Tests/Page/page.py http://127.0.0.1:8300 --screenshots /tmp/shots [--token T]
    /tmp/page/bin/python Tests/Page/page.py --mock --screenshots /tmp/shots

With --mock a stand-in for the server is started, which also is busy, slow and broken when it is told to be.
"""

import argparse
import base64
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.request

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import mock

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASSETS = os.path.join(ROOT, "assets")
PAGE_FILES = ["", "app.js", "style.css"]
MOST_BYTES = 100_000
MOST_MILLISECONDS = 500
VIDEO_ENDINGS = (".mp4", ".webm", ".mov")


def axe_source():
    """The package has axe-core beside its Python; importing it would want Playwright."""
    package = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
    with open(os.path.join(package, "axe.min.js"), encoding="utf-8") as file:
        return file.read()


def make_video(path):
    """Four of the sample pictures, each panned over for three seconds."""
    names = ["dog", "cat", "horses", "coffee"]
    inputs = [part for name in names
              for part in ("-loop", "1", "-t", "3", "-i", os.path.join(ASSETS, name + ".jpg"))]
    pan = ("[%d:v]scale=704:396:force_original_aspect_ratio=increase,crop=640:360:'4*n/5':0,"
           "fps=25,setsar=1[v%d]")
    graph = ";".join(pan % (number, number) for number in range(4)) + ";[v0][v1][v2][v3]concat=n=4"
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", *inputs, "-filter_complex", graph,
                    "-pix_fmt", "yuv420p", "-preset", "ultrafast", path], check=True)


def repeat_video(path, times, long):
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-stream_loop", str(times - 1), "-i", path,
                    "-c", "copy", long], check=True)


class Files:
    """What is uploaded: the repository's pictures or a folder's, a video, and files with something wrong."""

    def __init__(self, given, work):
        self.work = work
        names = sorted(os.listdir(given))
        pictures = [os.path.join(given, name) for name in names if name.endswith((".jpg", ".png"))]
        videos = [os.path.join(given, name) for name in names if name.endswith(VIDEO_ENDINGS)]
        self.pictures = [path for path in pictures if not path.endswith("attention.jpg")]
        self.video = videos[0] if videos else os.path.join(work, "clip.mp4")
        if not videos:
            make_video(self.video)
        # So long that there is time to cancel it.
        self.long = os.path.join(work, "long" + os.path.splitext(self.video)[1])
        repeat_video(self.video, 10, self.long)
        self.broken = self.write("broken.jpg", b"this is no picture")
        self.heic = os.path.join(ROOT, "Tests/MediaTests/Fixtures/stills/plain.heic")

    def write(self, name, data):
        path = os.path.join(self.work, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def marked(self, path, mark, name):
        """A copy that ends with what the stand-in goes wrong at; readers pass over it."""
        with open(path, "rb") as file:
            return self.write(name, file.read() + mark)


class Page:
    """A browser with the page, and what a person does there."""

    def __init__(self, url, token, screenshots):
        self.url, self.token, self.screenshots, self.shots = url.rstrip("/"), token, screenshots, 0
        options = webdriver.ChromeOptions()
        for argument in ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]:
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService("/usr/bin/chromedriver")
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.execute_cdp_cmd("Browser.grantPermissions", {
            "origin": self.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
        self.requests, self.complaints = [], []

    def open(self, width=1280, height=900, scheme="light", motion="no-preference", url=None, token=None):
        self.collect()
        self.media(scheme, motion)
        self.size(width, height)
        # The token lives as long as the tab, and each test begins without it.
        if self.driver.current_url.startswith("http"):
            self.script("sessionStorage.clear()")
        self.driver.get("about:blank")
        self.driver.get(url or self.url)
        self.wait(lambda: self.script("return document.readyState") == "complete", "the page is loaded")
        if token or self.token:
            self.wait(lambda: self.find("#token-dialog").is_displayed(), "the token is asked for")
            self.find("#token").send_keys(token or self.token, Keys.ENTER)
        self.pause(0.3)

    def media(self, scheme, motion="no-preference"):
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}]})

    def size(self, width, height=900):
        is_phone = width < 500
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": is_phone})
        # With it the page is told of a coarse pointer.
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": is_phone})

    def pause(self, seconds):
        time.sleep(seconds)

    def wait(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "it never came to be that " + what
            time.sleep(0.05)

    def script(self, text, *arguments):
        return self.driver.execute_script(text, *arguments)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        return self.script(
            "return [...document.querySelectorAll(arguments[0])].map(node => node.textContent)", selector)

    def is_true(self, condition):
        return self.script("return Boolean(%s)" % condition)

    def upload(self, *paths):
        self.find("#files").send_keys("\n".join(paths))

    def finish(self, seconds=180):
        self.wait(lambda: not self.states({"waiting", "working"}), "everything is done", seconds)

    def states(self, wanted):
        states = self.script("return [...document.querySelectorAll('.task')].map(task => task.dataset.state)")
        return [state for state in states if state in wanted]

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self, property):
        return self.script("return document.activeElement[arguments[0]]", property)

    def save(self, name, whole=False):
        self.pause(0.35)
        if whole:
            width, height = self.script("return [innerWidth, document.documentElement.scrollHeight]")
            self.size(width, min(height, 4000))
            self.pause(0.3)
        self.shots += 1
        self.driver.save_screenshot(os.path.join(self.screenshots, "%02d-%s.png" % (self.shots, name)))

    def axe(self, source):
        """The rules of axe-core that the page breaks, with the elements that break them."""
        self.pause(0.5)
        self.script(source)
        found = self.driver.execute_async_script(
            "const done = arguments[0];"
            "axe.run().then(done, error => done({violations: [{id: String(error), nodes: []}]}))")
        return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]]

    def collect(self):
        """The browser's own record since it was last asked."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                request = message["params"]["request"]
                self.requests.append((request["method"], request["url"]))
        for entry in self.driver.get_log("browser"):
            # The statuses of the interface's errors are tested by what the page says to them.
            is_answer = entry["source"] == "network" and "/v1/" in entry["message"]
            if entry["level"] == "SEVERE" and not is_answer:
                self.complaints.append(entry["message"])


class Checks:
    """The tests, in the order in which they are run; each starts with the page as it is when it is opened."""

    def __init__(self, page, files, server):
        self.page, self.files, self.server, self.axe = page, files, server, axe_source()

    def test_paints_at_once_and_is_small(self):
        self.page.open()
        entries = "performance.getEntriesByName('first-contentful-paint')"
        self.page.wait(lambda: self.page.is_true(entries + ".length"), "something is painted", 10)
        paint = self.page.script("return %s[0].startTime" % entries)
        size = sum(len(urllib.request.urlopen(self.page.url + "/" + name).read()) for name in PAGE_FILES)
        print("    first contentful paint after %.0f ms; %d bytes" % (paint, size))
        assert paint < MOST_MILLISECONDS
        assert size < MOST_BYTES

    def test_says_what_it_is_for_and_axe_finds_nothing(self):
        for scheme in ["light", "dark"]:
            self.page.open(scheme=scheme)
            assert "sentence for every picture" in self.page.find("#intake").text
            assert not self.page.find("#tally").is_displayed()
            self.page.save("empty-" + scheme)
            assert (found := self.page.axe(self.axe)) == [], found

    def test_captions_pictures(self):
        self.page.open()
        self.page.upload(*self.files.pictures[:2], self.files.broken)
        self.page.finish()
        assert len(self.page.all(".card.picture")) == 3
        captions = self.page.texts(".caption")
        assert len(captions) == 2, captions
        for caption in captions:
            assert caption[0].isupper() and caption.endswith("."), caption
        assert [image.get_attribute("alt") for image in self.page.all(".stage img")] == captions
        for text in self.page.texts(".sureness"):
            assert text.startswith(("Sure, ", "Fairly sure, ", "Unsure, ")) and "%" in text, text
        assert len(self.page.all(".others li")) >= 2
        assert self.page.states({"failed"}) == ["failed"]
        assert self.page.find("[data-state=failed] button").text == "Try again"
        self.page.wait(lambda: captions[0] in self.page.texts("#news")[0], "the news are told", 5)
        self.page.save("pictures", whole=True)
        for scheme in ["light", "dark"]:
            self.page.media(scheme)
            assert (found := self.page.axe(self.axe)) == [], found
        self.page.save("pictures-dark")

    def test_tries_a_failed_picture_again(self):
        self.page.open()
        self.page.upload(self.files.broken)
        self.page.finish()
        message = self.page.find(".state").text
        assert len(message) > 10, message
        self.page.find(".task button").click()
        self.page.finish()
        assert self.page.find(".state").text == message

    def test_says_where_the_server_cannot_be_reached(self):
        self.page.open()
        self.page.driver.set_network_conditions(offline=True, latency=0, throughput=0)
        try:
            self.page.upload(self.files.pictures[0])
            self.page.finish()
            assert "cannot be reached" in self.page.find(".state").text
        finally:
            self.page.driver.delete_network_conditions()
        self.page.find(".task button").click()
        self.page.finish()
        assert self.page.texts(".caption")

    def test_lights_up_what_words_looked_at(self):
        self.page.open()
        self.page.upload(self.files.pictures[-1])
        self.page.finish()
        words = self.page.all(".word")
        assert len(words) >= 2
        seen = []
        for word in words[:2]:
            self.page.script("arguments[0].focus()", word)
            assert self.page.all(".stage.lit")
            assert self.page.find(".looked").get_attribute("textContent").startswith(word.text.lower())
            seen.append(self.light())
        assert seen[0]["picture"] != seen[1]["picture"]
        assert seen[1]["least"] < 30 and seen[1]["most"] > 150, seen[1]
        self.page.save("attention")
        self.page.script("document.activeElement.blur()")
        assert not self.page.all(".stage.lit")
        ActionChains(self.page.driver).move_to_element(words[1]).perform()
        self.page.wait(lambda: self.page.all(".stage.lit"), "the pointer lights up", 5)
        ActionChains(self.page.driver).move_to_element(self.page.find("h1")).perform()
        self.page.wait(lambda: not self.page.all(".stage.lit"), "the light goes out", 5)

    def light(self):
        """How dark the overlay is at least and at most, and all of it."""
        return self.page.script("""
            const canvas = document.querySelector("canvas.light")
            const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            const dark = data.filter((_, index) => index % 4 === 3)
            return { least: Math.min(...dark.filter((_, i) => i % 7 === 0)),
                     most: Math.max(...dark.filter((_, i) => i % 7 === 0)), picture: canvas.toDataURL() }""")

    def test_tells_in_another_language(self):
        self.page.open()
        self.page.wait(lambda: self.page.find("#tongue").is_displayed(), "languages are offered")
        self.page.find("#language option[value=de]").click()
        self.page.upload(os.path.join(ROOT, "assets/dog.jpg"))
        self.page.finish()
        said = self.page.find(".caption[lang=de]").text
        assert "Hund" in said, said
        words = self.page.texts(".caption.original .word")
        assert "dog" in words, words
        self.page.driver.refresh()
        self.page.wait(lambda: self.page.script("return document.getElementById('language').value") == "de",
                       "the language is remembered")
        self.page.script("localStorage.clear()")

    def test_copies_the_caption(self):
        self.page.open()
        self.page.upload(self.files.pictures[0])
        self.page.finish()
        caption = self.page.texts(".caption")[0]
        read = "navigator.clipboard.readText().then(arguments[0], arguments[0])"
        # The second time as in a browser that gives its clipboard to https alone.
        for prepare in ["", "navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'))"]:
            self.page.script("navigator.clipboard.writeText('')")
            self.page.script(prepare)
            self.page.find(".tools button").click()
            self.page.wait(lambda: self.page.texts(".tools button")[0] == "Copied", "it says so", 5)
            assert self.page.driver.execute_async_script(read) == caption
            self.page.wait(lambda: self.page.texts(".tools button")[0] == "Copy", "it is as before", 5)

    def test_takes_what_is_pasted_and_dropped(self):
        self.page.open()
        with open(self.files.pictures[0], "rb") as file:
            data = base64.b64encode(file.read()).decode()
        self.page.script("""
            const bytes = Uint8Array.from(atob(arguments[0]), letter => letter.charCodeAt(0))
            const transfer = name => {
              const items = new DataTransfer()
              items.items.add(new File([bytes], name, { type: "image/jpeg" }))
              return items
            }
            const drop = name => document.body.dispatchEvent(
              new DragEvent(name, { dataTransfer: transfer("dropped.jpg"), bubbles: true, cancelable: true }))
            document.body.dispatchEvent(
              new ClipboardEvent("paste", { clipboardData: transfer("pasted.jpg"), bubbles: true }))
            drop("dragenter")
            window.wasMarked = document.body.classList.contains("dragging")
            drop("drop")""", data)
        self.page.wait(lambda: len(self.page.all(".card")) == 2, "both are there", 5)
        assert self.page.script("return wasMarked && !document.body.classList.contains('dragging')")
        self.page.finish()
        assert sorted(self.page.texts("h3")) == ["dropped.jpg", "pasted.jpg"]
        assert len(self.page.texts(".caption")) == 2

    def test_shows_a_place_for_pictures_that_the_browser_cannot_show(self):
        self.page.open()
        self.page.upload(self.files.heic)
        self.page.finish()
        self.page.wait(lambda: self.page.all(".stage .blank"), "there is a placeholder", 10)
        assert self.page.find(".blank").get_attribute("aria-label") == self.page.texts(".caption")[0]

    def test_writes_names_as_text(self):
        self.page.open()
        name = "<img src=x onerror=document.title='taken'>&amp;.jpg"
        self.page.upload(self.files.marked(self.files.pictures[0], b"", name))
        self.page.finish()
        assert self.page.texts("h3") == [name]
        assert self.page.driver.title == "Narrate"

    def test_tells_a_video(self):
        self.page.open()
        self.page.upload(self.files.video)
        self.page.wait(lambda: self.page.states({"working"}), "the video is worked at")
        assert self.page.all("progress") and self.page.find("#cancel-all").is_displayed()
        self.page.save("video-working")
        self.page.finish()
        assert self.page.states({"failed"}) == [], self.page.texts(".state")
        frames = self.page.all(".frame")
        assert frames
        self.page.wait(lambda: self.page.is_true("document.querySelector('.frame img').naturalWidth"),
                       "the key frames are shown", 15)
        self.seeks(frames[-1], ".frame[aria-current]")
        self.page.save("video", whole=True)
        self.downloads()
        for scheme in ["light", "dark"]:
            self.page.media(scheme)
            assert (found := self.page.axe(self.axe)) == [], found
        self.page.save("video-dark")
        if bands := self.page.all(".band"):
            self.timeline(bands)

    def seeks(self, item, current):
        item.click()
        now = "document.querySelector('video').currentTime"
        self.page.wait(lambda: self.page.is_true(now), "it seeks", 10)
        self.page.wait(lambda: self.page.all(current), "the key frame is marked", 5)

    def timeline(self, bands):
        times = "return document.querySelector('video').currentTime"
        self.page.script("document.querySelector('video').currentTime = 0; arguments[0].focus()", bands[0])
        if len(bands) == 1:
            return
        self.page.keys(Keys.END)
        assert self.page.focused("className").startswith("band")
        label = self.page.focused("title")
        self.page.keys(Keys.ENTER)
        self.page.wait(lambda: self.page.script(times) > 0, "Enter goes there", 10)
        self.page.pause(0.3)
        assert label.split(": ")[0].split(" to ")[0] in self.page.find(".readout").text
        bands[0].click()
        self.page.wait(lambda: self.page.script(times) < 0.1, "a click goes there", 10)

    def downloads(self):
        links = {link.text: link.get_attribute("href") for link in self.page.all(".downloads a")}
        assert len(links) == 5, links
        for link in links.values():
            assert urllib.request.urlopen(link).status == 200

    def test_cancels_videos(self):
        self.page.open()
        video = self.files.marked(self.files.long, b"SLOW", "slow.mp4")
        self.page.upload(video, self.files.pictures[0])
        self.page.wait(lambda: self.page.states({"done"}), "the picture does not wait for the video")
        labels = self.page.find(".watch .task")
        assert labels.get_attribute("data-state") == "waiting"
        labels.find_element(By.TAG_NAME, "button").click()
        assert labels.get_attribute("data-state") == "cancelled"
        self.page.collect()
        self.page.find(".video > .part .task button").click()
        self.page.wait(lambda: len(self.page.states({"cancelled"})) == 2, "both are cancelled", 5)
        self.page.pause(0.5)
        self.page.save("cancelled")
        if self.server:
            self.page.collect()
            assert any(method == "DELETE" for method, _ in self.page.requests[-4:]), self.page.requests[-4:]
            assert not any(job.status in ("queued", "running") for job in self.server.jobs.values())

    def test_removes_and_keeps_the_focus(self):
        self.page.open()
        self.page.upload(*self.files.pictures[:3])
        self.page.finish()
        self.page.all(".card .tools button")[1].click()
        assert len(self.page.all(".card")) == 2
        assert self.page.focused("tagName") == "H3"
        self.page.find("#clear").click()
        assert not self.page.all(".card") and self.page.focused("id") == "files"
        assert not self.page.script("return document.body.classList.contains('filled')")

    def test_works_by_keyboard_alone(self):
        self.page.open()
        self.page.keys(Keys.TAB)
        assert self.page.focused("className") == "skip"
        self.tab_to(lambda: self.page.focused("id") == "files", "the file's input")
        self.page.upload(self.files.pictures[0])
        self.page.finish()
        self.tab_to(lambda: self.page.focused("className") == "word", "the first word")
        first = self.page.focused("textContent")
        self.page.keys(Keys.ARROW_RIGHT)
        assert self.page.focused("className") == "word"
        assert self.page.focused("textContent") == self.page.texts(".word")[1], first
        assert self.page.all(".stage.lit")
        self.page.keys(Keys.ESCAPE)
        assert not self.page.all(".stage.lit")
        self.page.keys(Keys.TAB)
        assert self.page.focused("textContent") == "Copy"
        outline = "return getComputedStyle(document.activeElement).outlineStyle"
        assert self.page.script(outline) != "none"
        self.page.save("keyboard")
        self.page.keys(Keys.TAB, Keys.ENTER)
        assert not self.page.all(".card") and self.page.focused("id") == "files"

    def tab_to(self, condition, what):
        for _ in range(12):
            if condition():
                return
            self.page.keys(Keys.TAB)
        raise AssertionError("the Tab key does not lead to " + what)

    def test_fits_a_phone(self):
        self.page.open(width=360, height=740)
        self.page.save("phone-empty")
        assert "Take a photograph" in self.page.find("#intake").text
        assert self.page.find("#camera").get_attribute("capture") == "environment"
        self.fits()
        self.page.upload(self.files.video, *self.files.pictures[:2])
        self.page.finish()
        self.fits()
        self.page.save("phone", whole=True)
        assert (found := self.page.axe(self.axe)) == [], found

    def fits(self):
        assert self.page.script("return document.documentElement.scrollWidth") <= 360

    def test_moves_little_where_that_is_asked_for(self):
        self.page.open(motion="reduce")
        self.page.upload(self.files.pictures[0])
        self.page.finish()
        style = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        assert self.page.script(style, ".card", "animationName") == "none"
        assert self.page.script(style, ".light", "transitionProperty") in ("none", "all")
        assert self.page.script(style, ".light", "transitionDuration") == "0s"

    def test_searches_where_there_is_a_catalogue(self):
        self.page.open()
        headers = {"Authorization": ("Bearer " + self.page.token).encode()} if self.page.token else {}
        asked = urllib.request.Request(self.page.url + "/v1/models", headers=headers)
        about = json.load(urllib.request.urlopen(asked))
        assert self.page.find("#search").is_displayed() == about["library"]
        if not about["library"]:
            return
        self.page.keys("/")
        assert self.page.focused("id") == "words" and self.page.focused("value") == ""
        self.page.keys("a")
        self.page.wait(lambda: self.page.all("#hits li"), "something is found", 15)
        self.page.wait(lambda: self.page.is_true("document.querySelector('#hits img')?.naturalWidth"),
                       "it is shown", 10)
        self.page.save("search")
        assert (found := self.page.axe(self.axe)) == [], found
        self.page.find("#close-search").click()
        assert not self.page.find("#found").is_displayed() and self.page.focused("id") == "words"

    def test_mock_waits_where_the_server_is_busy(self):
        self.page.open()
        self.page.upload(self.files.marked(self.files.pictures[0], b"BUSY", "busy.jpg"))
        self.page.wait(lambda: "(1 of 5)" in self.page.find(".state").text, "it says so", 10)
        assert "busy" in self.page.find(".state").text
        self.page.finish()
        assert self.page.texts(".caption")

    def test_mock_sends_two_pictures_at_a_time(self):
        self.page.open()
        self.server.most = 0
        slow = [self.files.marked(path, b"SLOW", "slow-%d.jpg" % number)
                for number, path in enumerate(self.files.pictures[:4])]
        self.page.upload(*slow)
        self.page.pause(1)
        assert len(self.page.states({"working"})) == 2 and len(self.page.states({"waiting"})) == 2
        self.page.find(".task button").click()
        assert self.page.states({"cancelled"}) == ["cancelled"]
        self.page.save("queue")
        self.page.finish()
        assert self.server.most <= 3, "a cancelled picture may still be held, but no more"
        assert len(self.page.texts(".caption")) == 3

    def test_mock_asks_for_the_token(self):
        server = start_mock(token="open sesame")
        self.page.open(url=server.url)
        self.page.wait(lambda: self.page.find("#token-dialog").is_displayed(), "it asks", 10)
        assert self.page.focused("id") == "token"
        self.page.save("token")
        assert (found := self.page.axe(self.axe)) == [], found
        self.page.keys("wrong", Keys.ENTER)
        self.page.wait(lambda: "does not take" in self.page.find("#token-text").text, "it asks again", 10)
        self.page.find("#token-cancel").click()
        self.page.upload(self.files.pictures[0])
        self.page.wait(lambda: self.page.find("#token-dialog").is_displayed(), "a file asks once more", 10)
        self.page.keys("open sesame", Keys.ENTER)
        self.page.finish()
        assert self.page.texts(".caption")
        self.page.upload(self.files.video)
        self.page.finish()
        self.page.wait(lambda: self.page.is_true("document.querySelector('.frame img').naturalWidth"),
                       "key frames have the token", 10)
        self.page.driver.refresh()
        self.page.pause(1)
        assert not self.page.find("#token-dialog").is_displayed()
        server.shutdown()

    def test_mock_tells_how_jobs_fail(self):
        self.page.open()
        self.page.upload(self.files.marked(self.files.video, b"FAIL", "fails.mp4"))
        self.page.finish()
        assert self.page.states({"failed"}) == ["failed", "failed"]
        assert "cannot be decoded after 0:03" in self.page.find(".state").text

    def test_mock_asks_for_jobs_whose_events_end(self):
        self.page.open()
        self.page.upload(self.files.marked(self.files.video, b" CUT", "cut.mp4"))
        self.page.finish()
        assert self.page.all(".frame") and self.page.all(".band")

    def test_asks_nobody_else_and_complains_of_nothing(self):
        self.page.collect()
        own = (self.page.url, "blob:", "data:", "about:", "chrome:")
        if self.server:
            own += ("http://127.0.0.1:",)  # the stand-in that wants a token
        others = [url for _, url in self.page.requests if not url.startswith(own)]
        assert len(self.page.requests) > 10
        assert others == [], others
        assert self.page.complaints == [], self.page.complaints


def start_mock(token=None):
    server = mock.Server(token=token)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def run(checks, only):
    failed = passed = 0
    for name in [name for name in vars(Checks) if name.startswith("test_")]:
        if (only and only not in name) or (name.startswith("test_mock_") and not checks.server):
            continue
        try:
            getattr(checks, name)()
            passed += 1
            print("passed", name[5:].replace("_", " "), flush=True)
        except Exception:
            failed += 1
            print("FAILED", name[5:].replace("_", " "), flush=True)
            traceback.print_exc()
            checks.page.save("failed")
    print("%d passed, %d failed" % (passed, failed))
    return failed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8300")
    parser.add_argument("--mock", action="store_true")
    parser.add_argument("--token")
    parser.add_argument("--files", default=ASSETS, help="a folder of pictures and a video")
    parser.add_argument("--screenshots", default=tempfile.gettempdir())
    parser.add_argument("--only", help="part of a test's name")
    arguments = parser.parse_args()
    os.makedirs(arguments.screenshots, exist_ok=True)
    server = start_mock(arguments.token) if arguments.mock else None
    with tempfile.TemporaryDirectory() as work:
        page = Page(server.url if server else arguments.url, arguments.token, arguments.screenshots)
        try:
            return run(Checks(page, Files(arguments.files, work), server), arguments.only)
        finally:
            page.driver.quit()


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
