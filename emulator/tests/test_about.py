"""`GET /` says what this is, to whoever asks."""

import urllib.request
from importlib.metadata import PackageNotFoundError, version

import orjson
import pytest

from responses_emulator.about import about, installed_version
from responses_emulator.account import KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.control import _ACTIONS
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


def test_it_says_where_the_api_is_and_which_version_this_is() -> None:
    told = orjson.loads(bytes(about().body))
    assert list(told) == ["name", "version", "description", "api", "control", "extras"]
    assert told["version"] == version(DISTRIBUTION)
    emulator = Emulator()
    for address in told["api"]:
        target = address.replace("...", "2025-04-01-preview")
        reply = emulator.handle(Request("POST", target, {"api-key": KEY}, b"{}"))
        assert reply.status == 400  # it has no model yet
    assert told["control"] == sorted({path for _, path in _ACTIONS}, key=_as_told)


def _as_told(path: str) -> int:
    names = ("replies", "faults", "requests", "verdict", "reset")
    return names.index(path.removeprefix("/emulator/"))


def test_a_checkout_that_is_run_as_it_lies_has_no_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(name: str) -> str:
        assert name == DISTRIBUTION
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", unknown)
    assert installed_version() is None


def test_nothing_else_is_there() -> None:
    emulator = Emulator()
    for method, path in (("POST", "/"), ("GET", "/index.html"), ("GET", "//")):
        assert emulator.handle(Request(method, path)).status == 404
