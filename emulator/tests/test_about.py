"""`GET /` says what this is, to whoever asks."""

import urllib.request

import orjson

from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.extras import DISTRIBUTION, EXTRAS
from responses_emulator.http import Request


def test_the_first_page_names_the_emulator_and_its_pages() -> None:
    with serving(App(Emulator())) as url, urllib.request.urlopen(url) as reply:
        told = orjson.loads(reply.read())
    assert told["name"] == DISTRIBUTION
    assert "stand-in for the Responses API of Azure OpenAI" in told["description"]
    assert told["extras"] == dict.fromkeys(EXTRAS, True)
    emulator = Emulator(journal=True)
    for path in told["control"]:
        asked = [Request(method, path, {}, b"{}") for method in ("GET", "POST")]
        assert {emulator.handle(each).status for each in asked} != {404}


def test_nothing_else_is_there() -> None:
    emulator = Emulator()
    for method, path in (("POST", "/"), ("GET", "/index.html"), ("GET", "//")):
        assert emulator.handle(Request(method, path)).status == 404
