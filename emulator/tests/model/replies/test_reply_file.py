"""Replies from a file: what matches, what comes back, and what is refused."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client
from responses_emulator import extras
from responses_emulator.__main__ import main
from responses_emulator.core import Emulator
from responses_emulator.faults import parse
from responses_emulator.model.replies import reply_file
from responses_emulator.model.replies.reply_file import WrongFile, load

CALL = {"type": "function_call", "name": "get_weather", "arguments": {"city": "Oslo"}}


def asking(*entries: dict[str, Any]) -> Client:
    """A client of an emulator with these entries."""
    client = Client()
    table = load(entries, parse)
    client.emulator = Emulator(clock=client.clock, replies=table)
    return client


def said(response: dict[str, Any]) -> str:
    """The text of the last item, or the name of the function that it calls."""
    last = response["output"][-1]
    return last.get("name") or last["content"][0]["text"]


def to(match: dict[str, Any], text: str = "ready") -> dict[str, Any]:
    return {"match": match, "reply": {"text": text}}


@pytest.mark.parametrize(
    ("match", "fits", "other"),
    [
        ({"text": "Two  words"}, " Two\nwords ", "Two words."),
        ({"text": "Two words"}, "Two words", "two words"),
        ({"words": ["red", "Fish"]}, "A FISH that is red!", "A fish that is reddish"),
        ({"words": ["power cut"]}, "after a power\ncut", "cut the power"),
        ({"words": ["\u00e4pfel"]}, "Zwei \u00c4PFEL.", "Ein Apfel."),
        ({"words": ["caf\u00e9"]}, "Le cafe\u0301?", "Le cafe?"),
        ({"text": "Le caf\u00e9"}, "Le  cafe\u0301", "Le cafe"),
        ({"words": ["C++"]}, "Is c++, or C, older?", "vitamin C"),
        ({"words": ["INV-7/2"]}, "pay inv-7/2, please", "INV-7/21 or INV 7 2"),
        ({"words": ["$5", "\u20ac"]}, "US$5 is 4 \u20ac", "$50 is 40 \u20ac"),
        ({"words": ["invoice total"]}, "the invoice: total", "the invoice's total"),
        ({"pattern": r"^\d+$"}, "12", "12 or 13"),
        ({"pattern": r"(?i)\bHi\b"}, "Oh, hi.", "History"),
        ({"pattern": r"\p{Han}"}, "\u4f60\u597d", "Hello"),
        ({}, "anything", None),
    ],
)
def test_a_match_is_of_the_last_user_message(
    match: dict[str, Any], fits: str, other: str | None
) -> None:
    client = asking(to(match))
    assert said(client.create(fits)) == "ready"
    if other:
        assert said(client.create(other)) != "ready"
        history = [
            {"role": "user", "content": fits},
            {"role": "assistant", "content": "Yes."},
            {"role": "user", "content": other},
        ]
        assert said(client.create(history)) != "ready"


def test_the_model_is_the_deployment() -> None:
    models = ("gpt-5.4-mini", "gpt-5-mini")
    client = asking(*(to({"model": model}, model) for model in models))
    for client.model in models:
        assert said(client.create("Hm?")) == client.model


@pytest.mark.parametrize(
    ("tools", "given"),
    [
        ([], "none"),
        ([GET_WEATHER], "get_weather"),
        ([GET_WEATHER, {"type": "web_search"}], "both"),
        ([{"type": "web_search"}], "else"),
        ([{**GET_WEATHER, "name": "other"}], "a function"),
    ],
)
def test_the_tools_are_those_offered_no_more_and_no_fewer(
    tools: list[dict[str, Any]], given: str
) -> None:
    client = asking(
        to({"tools": []}, "none"),
        to({"tools": ["web_search", "get_weather"]}, "both"),
        to({"tools": ["get_weather"]}, "get_weather"),
        to({"tools": ["function"]}, "a function"),
        to({}, "else"),
    )
    assert said(client.create("Hm?", tools=tools)) == given


def test_a_turn_counts_the_users_messages_of_the_chain() -> None:
    client = asking(to({"turn": 1}, "one"), to({"turn": 3}, "three"))
    first = client.create("a")
    second = client.create("b", previous_response_id=first["id"])
    third = client.create("c", previous_response_id=second["id"])
    assert (said(first), said(third)) == ("one", "three")
    assert said(second) not in ("one", "three")
    by_hand = [{"role": "user", "content": text} for text in "abc"]
    assert said(client.create(by_hand)) == "three"


def test_the_first_match_wins_and_times_are_counted() -> None:
    client = asking(
        {**to({"words": ["hi"]}, "twice"), "times": 2},
        to({"text": "hi"}, "then"),
        to({"text": "hi"}, "never"),
    )
    assert [said(client.create("hi")) for _ in range(4)] == [
        *("twice", "twice", "then", "then")
    ]
    client.emulator.reset()
    assert said(client.create("hi")) == "twice"


def test_what_a_test_has_written_comes_before_the_file_and_rules_after() -> None:
    client = asking(to({"text": "hi"}, "file"))
    client.emulator.reply_with("test")
    assert said(client.create("hi")) == "test"
    assert said(client.create("hi")) == "file"
    assert "stand-in" in said(client.create("What is a quasar?"))


def test_the_file_comes_before_the_emulators_own_table() -> None:
    asked = "Which part is on shelf 12?"
    assert said(Client().create(asked)) == "Shelf 12 holds part 444."
    assert said(asking(to({"text": asked}, "mine")).create(asked)) == "mine"


def test_a_call_is_made_once_and_the_next_entry_tells_its_result() -> None:
    question = {"text": "How is it in Oslo?"}
    client = asking(
        {"match": question, "reply": {"output": [CALL]}}, to(question, "Dry")
    )
    first = client.create("How is it in Oslo?", tools=[GET_WEATHER])
    call = first["output"][-1]
    assert json.loads(call["arguments"]) == {"city": "Oslo"}
    result = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "{}",
    }
    told = client.create(
        [result], previous_response_id=first["id"], tools=[GET_WEATHER]
    )
    assert said(told) == "Dry"


def test_a_call_beside_a_message_is_made_once_too() -> None:
    client = asking(
        {"match": {}, "reply": {"output": ["Let me look.", CALL]}}, to({}, "Dry")
    )
    first = client.create("How is it in Oslo?", tools=[GET_WEATHER])
    result = {
        "type": "function_call_output",
        "call_id": first["output"][-1]["call_id"],
        "output": "{}",
    }
    told = client.create(
        [result], previous_response_id=first["id"], tools=[GET_WEATHER]
    )
    assert said(told) == "Dry"


@pytest.mark.parametrize("stream", [False, True])
def test_json_is_the_text_of_a_message(stream: bool) -> None:
    client = asking({"match": {}, "reply": {"json": {"n": [1, None]}}})
    shape = {"format": {"type": "json_object"}}
    if stream:
        response = client.events("Some JSON", text=shape)[-1]["response"]
    else:
        response = client.create("Some JSON", text=shape)
    assert said(response) == '{"n":[1,null]}'


def test_an_error_is_the_services_own_shape_and_nothing_is_stored() -> None:
    error = {"status": 409, "message": "No.", "code": "in_use", "param": "input"}
    client = asking({"match": {"text": "a"}, "reply": {"error": error}, "times": 1})
    status, told = client.error(
        "POST", "/responses", {"model": client.model, "input": "a"}
    )
    assert status == 409
    assert told == {
        "message": "No.",
        "code": "in_use",
        "param": "input",
        "type": "invalid_request_error",
    }
    assert not client.emulator.store.responses
    assert client.create("a")["status"] == "completed"


def test_an_error_may_be_pasted_as_the_service_sends_it() -> None:
    sent = {"message": "No.", "type": "server_error", "param": None, "code": None}
    client = asking({"reply": {"error": {"status": 500, **sent}}})
    body = {"model": client.model, "input": "a"}
    assert client.error("POST", "/responses", body) == (500, sent)
    plain = {"status": 500, "message": None, "type": None}
    client = asking({"reply": {"error": plain}})
    assert client.error("POST", "/responses", body)[1]["type"] == "server_error"


def test_a_fault_hits_the_request_that_matches_and_no_other() -> None:
    fault = {"fault": "rate-limited:retry_after_ms=20"}
    client = asking({"match": {"text": "a"}, "reply": fault, "times": 2})
    body = {"model": client.model, "input": "a"}
    replies = [client.send("POST", "/responses", body) for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    assert replies[0].headers["retry-after-ms"] == "20"
    assert replies[0].headers["x-emulator-fault"] == "rate-limited"


def test_a_fault_of_the_answer_has_the_answer_that_the_next_entry_gives() -> None:
    fault = {"reply": {"fault": "incomplete"}}
    client = asking({"match": {"text": "a"}, **fault}, to({}, "One two three four."))
    response = client.create("a")
    assert response["status"] == "incomplete"
    assert "One two three four.".startswith(said(response))
    assert client.create("b")["status"] == "completed"


def test_a_fault_for_streams_lets_a_plain_request_pass() -> None:
    client = asking({"match": {}, "reply": {"fault": "stream-stops:events=2"}})
    assert client.create("a")["status"] == "completed"
    assert len(client.events("a")) == 2


@pytest.mark.parametrize(
    "pattern", ["^(([a-z])+.)+[A-Z]([a-z])+$", r"^(\w+\s?)*$", "(x+x+)+y"]
)
def test_a_pattern_is_bounded_in_time(pattern: str) -> None:
    client = asking(to({"pattern": pattern}), to({}, "else"))
    begun = time.process_time()
    assert said(client.create("x" * 5_000 + "!")) == "else"
    assert time.process_time() - begun < 10


def test_a_long_prompt_is_looked_at_like_a_short_one() -> None:
    client = asking(to({"words": ["needle"]}))
    assert said(client.create("hay " * 20_000 + "needle")) == "ready"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[\n {"match": {"txt": "a"}, "reply": {"text": "b"}}]', "2:13: unknown key"),
        ('[{"reply": {"txt": "b"}}]', "1:13: unknown key 'txt' in reply"),
        ('[{"reply": {"text": ""}, "time": 1}]', "1:26: unknown key 'time' in entry"),
        ('[{"reply": {"error": {"status": 400, "x": 1}}}]', "1:38: unknown key 'x'"),
        ('[{"match": {"text": "", "words": []}, "reply": {"text": ""}}]', "1:25: only"),
        ('[{"reply": {"text": "",\n"json": 1}}]', "2:1: only one of text, output"),
        ('[{"reply": {}}]', "1:12: the reply has none of text, output, json, error"),
        ('[{"match": {}}]', "1:2: the entry has no 'reply'"),
        ('[{"reply": {"text": 1}}]', "1:21: 'text' is a string"),
        ('[{"reply": {"output": []}}]', "1:23: 'output' is an array"),
        ('[{"reply": {"output": ["a",\n\t{"type": "x"}]}}]', "2:2: output[1].type"),
        ('[{"reply": {"error": {"status": 200}}}]', "1:22: 'status'"),
        ('[{"reply": {"fault": "nope"}}]', "1:22: There is no fault 'nope'"),
        ('[{"reply": {"fault": "token-refused"}}]', "1:22: 'token-refused' cannot hit"),
        ('[{"reply": {"fault": "reset:times=2"}}]', "1:22: a fault has no 'times'"),
        ('[{"reply": {"text": ""}, "times": 0}]', "1:35: 'times' is a whole number"),
        ('[{"match": {"turn": true}, "reply": {"text": ""}}]', "1:21: 'turn' is a"),
        ('[{"match": {"words": "a"}, "reply": {"text": ""}}]', "1:22: 'words' is an"),
        ('[{"match": {"words": [" "]}, "reply": {"text": ""}}]', "1:23: 'words' is an"),
        ('[{"match": {"pattern": "("}, "reply": {"text": ""}}]', "1:24: '(' is no"),
        ('[{"match": [], "reply": {"text": ""}}]', "1:12: match: expected an object"),
        ('[{"reply": {"text": ""},}]', "1:25: expecting property name"),
        ('{"reply": {"text": ""}}', "1:1: expected an array"),
        ("", "1:1: expecting value"),
        ('[{"reply": {"text": "a", "text": "b"}}]', "1:26: the key 'text' stands"),
        ('[{"reply":\n {"json": {"a": ["NaN", NaN]}}}]', "2:25: NaN is no JSON"),
        ('[{"reply": {"text": "a\tb"}}]', "1:23: invalid control character."),
        ('[{"reply": {"text": "\\ud800"}}]', "1:21: str is not valid UTF-8"),
        ('[{"reply": {"output": ["a", "\\ud800"]}}]', "1:29: str is not valid UTF-8"),
        ('[{"reply": {"error": {"status": 400, "code": "\\ud800"}}}]', "1:46: str is"),
        (
            '[{"reply": {"error": {"status": 400, "code": 7}}}]',
            "1:46: 'code' is a string",
        ),
        ('[{"reply": {"fault": 7}}]', "1:22: 'fault' is a string, NAME"),
        (
            '[{"match": {"model": 7}, "reply": {"text": ""}}]',
            "1:22: 'model' is a string",
        ),
        (
            f'[{{"match": {{"pattern": "{"x" * 1_001}"}}, "reply": {{"text": ""}}}}]',
            "1:24: a pattern has at most 1,000 characters.",
        ),
        ('[{"reply": {"text": ""}, "times": 1000001}]', "1:35: 'times' is a whole"),
        ('["[",\n' + "[" * 100_000, "2:100000: it is nested too deeply"),
        ('[{"reply": {"json":\n [1e400, 2]}}]', "2:3: 1e400 is more than a number"),
        (f'[{{"reply": {{"json": {"9" * 5_000}}}}}]', "1:21: 9999"),
    ],
)
def test_a_wrong_file_says_where_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    path = tmp_path / "replies.json"
    path.write_text(text, "utf-8")
    with pytest.raises(WrongFile) as wrong:
        load(path, parse)
    said = str(wrong.value)
    assert said.startswith(f"{path}:{told}")
    assert said.endswith((".", "?")) and "\n" not in said
    for command in (["serve", "--port", "0"], ["run"]):
        script = [__file__] if command == ["run"] else []
        assert main([*command, "--replies", str(path), *script]) == 2
        assert capsys.readouterr().err == f"{said}\n"


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    latin = tmp_path / "latin.json"
    latin.write_bytes('[{"reply": {"text":\n"\u00e9"}}]'.encode("latin-1"))
    wide = tmp_path / "wide.json"
    wide.write_text('[{"reply": {"text": "a"}}]', "utf-16")
    for path, why in (
        (wide, "wide.json:1:1: it is not in UTF-8."),
        (latin, "latin.json:2:2: it is not in UTF-8."),
        (tmp_path / "none.json", "No such file or directory."),
        (tmp_path, ""),
        (latin, "it is not in UTF-8."),
    ):
        with pytest.raises(WrongFile) as wrong:
            load(path)
        assert str(path) in str(wrong.value)
        assert str(wrong.value).endswith(why)


def test_a_byte_order_mark_is_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "replies.json"
    path.write_text('[{"reply": {"text": "a"}}]', "utf-8-sig")
    assert len(load(path).entries) == 1


def test_a_list_says_where_it_is_wrong_by_its_path() -> None:
    with pytest.raises(WrongFile, match=r"^replies\[1\]\.match\.txt: unknown key"):
        load([to({}), to({"txt": "a"})])
    with pytest.raises(WrongFile, match=r"^replies\[0\]\.reply\.json: "):
        load([{"reply": {"json": [float("nan")]}}])


def test_the_readmes_file_is_read_and_does_what_it_says() -> None:
    readme = Path(__file__).parents[3].joinpath("README.md").read_text("utf-8")
    [example] = re.findall(r"```json\n(\[.*?)```", readme, re.DOTALL)
    client = asking(*json.loads(example))
    oslo = client.create("How is it in Oslo?", tools=[GET_WEATHER])
    assert said(oslo) == "get_weather"
    assert said(client.create("How is it in Oslo?")) == "It is raining."
    assert said(client.create("The total of the invoice?")) == '{"total":84.5}'
    body = {"model": client.model, "input": "Slow."}
    replies = [client.send("POST", "/responses", body) for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    third = [{"role": "user", "content": text} for text in "abc"]
    body = {"model": client.model, "input": third}
    assert client.error("POST", "/responses", body)[0] == 409


def test_a_large_file_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "replies.json"
    path.write_text("[] ", "utf-8")
    monkeypatch.setattr(reply_file, "MAX_BYTES", 3)
    assert load(path)
    monkeypatch.setattr(reply_file, "MAX_BYTES", 2)
    with pytest.raises(WrongFile, match="it has more than 0 MB"):
        load(path)


def test_a_pattern_needs_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "is_there", lambda extra: extra != "patterns")
    assert load([to({"text": "a"})])
    with pytest.raises(WrongFile, match=r"replies\[0\]\.match\.pattern: To match patt"):
        load([to({"pattern": "a"})])
