"""JSON is read as it is, unless it has more values than can be read in one go."""

import time

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.tests.conftest import Client
from responses_emulator import json_text
from responses_emulator.account import MCP_KEY, MODEL
from responses_emulator.http import Request

MANY = json_text.MAX_VALUES


@pytest.mark.parametrize(
    "text",
    [
        b"[" + b"[]," * MANY + b"[]]",
        b"[" + b"1," * MANY + b"1]",
        b"[" + b'",",' * MANY + b'""]',
        b'{"a":[' + b'{"b":"\\\\"},' * MANY + b"{}]}",
        b"[" * (3 * MANY),
    ],
    ids=["lists", "numbers", "texts", "objects", "deep"],
)
def test_too_many_values_are_not_parsed(text: bytes) -> None:
    started = time.thread_time()
    with pytest.raises(json_text.TooManyValues):
        json_text.parse(text)
    assert time.thread_time() - started < 5


@pytest.mark.parametrize(
    "said",
    ["a,b,c\n" * MANY, '"[{,' * MANY, "\\" * 3 * MANY, '\\",' * MANY],
    ids=["table", "quotes", "backslashes", "both"],
)
def test_what_stands_in_a_text_is_no_value(said: str) -> None:
    for value in ({"input": said}, [said, "\\", said, [","]]):
        assert json_text.parse(orjson.dumps(value)) == value


def test_so_many_values_are_parsed() -> None:
    values = [0] * (MANY - 1)
    assert json_text.parse(orjson.dumps([values])) == [values]


@pytest.mark.parametrize("text", [b'{"a": "b', b"[" * 10, b"", b'"\\"'])
def test_what_is_no_json_is_orjsons_to_say(
    text: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_text, "MAX_VALUES", 2)
    with pytest.raises(ValueError):
        json_text.parse(text)


VALUES = st.recursive(
    st.none() | st.integers(-9, 9) | st.text('",[{\\a', max_size=6),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text('",\\{', max_size=3), inner)
    ),
)


def values_in(value: object) -> int:
    """The values themselves, each object and each list among them."""
    if isinstance(value, dict):
        return 1 + sum(map(values_in, value.values()))
    return 1 + sum(map(values_in, value)) if isinstance(value, list) else 1


@settings(max_examples=30, deadline=None, database=None)
@given(VALUES)
def test_values_are_counted_as_they_are(value: object) -> None:
    signs = json_text.count(orjson.dumps(value))
    assert values_in(value) - 1 <= signs <= 2 * values_in(value)


def test_a_body_of_too_many_values_is_refused_by_name(client: Client) -> None:
    items = [0] * MANY
    error = client.refused(items)
    assert error["code"] == "not_supported_by_emulator"
    assert f"{MANY:,} values" in error["message"]
    sent = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "a", "params": items})
    headers = {
        "x-apikey": MCP_KEY,
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    }
    reply = client.emulator.handle(Request("POST", "/mcp", headers, sent))
    assert reply.status == 400
    assert client.create("a,b\n" * MANY, model=MODEL)["status"] == "completed"
