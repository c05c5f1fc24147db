"""What schemathesis cannot make up by itself, for server.py: pictures, videos, names of styles, paths."""

import base64
import json
import os

import schemathesis
from hypothesis import strategies

CLIP, PICTURES = os.environ["NARRATE_TEST_CLIP"], os.environ["NARRATE_TEST_PICTURES"].split(":")


def content(path):
    with open(path, "rb") as file:
        return file.read()


pictures = [content(path) for path in PICTURES]
coded = [base64.b64encode(picture).decode() for picture in pictures]
schemathesis.openapi.format("picture", strategies.sampled_from(coded + ["data:image/jpeg;base64," + text for text in coded]))
schemathesis.openapi.format("style", strategies.sampled_from(["photos", "flickr8k"]))
schemathesis.openapi.format("path", strategies.sampled_from(PICTURES))
schemathesis.openapi.media_type("image/*", strategies.sampled_from(pictures))
for kind in ("video/*", "application/octet-stream"):
    schemathesis.openapi.media_type(kind, strategies.just(content(CLIP)))


@schemathesis.deserializer("application/x-ndjson")
def lines(_, response):
    """The one line that an answer has."""
    line, = response.content.decode().splitlines()
    return json.loads(line)
