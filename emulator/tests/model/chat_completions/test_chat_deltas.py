"""What comes from an endpoint, chunk by chunk, and the steps that are made of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from emulator.tests.model.chat_completions.chat_server import chunk, says
from responses_emulator.errors import ServiceError
from responses_emulator.model.chat_completions import deltas
from responses_emulator.model.chat_completions.deltas import Heard
from responses_emulator.model.chat_completions.offers import Offers
from responses_emulator.model.chat_completions.thoughts import Thoughts
from responses_emulator.model.chat_completions.writing import OfProperty
from responses_emulator.model.steps import (
    Call,
    Reasoning,
    Refusal,
    Step,
    Text,
    Usage,
    Writing,
)
from responses_emulator.model.turn import Turn

TOOLS = [
    {"type": "function", "name": "f"},
    {"type": "custom", "name": "c"},
    {"type": "web_search"},
]
END = chunk(finish_reason="stop")


def heard() -> Heard:
    return Heard(Offers(Turn([], tools=TOOLS)))


def steps(*chunks: dict[str, Any]) -> list[Step]:
    return list(heard().steps(chunks))


def piece(arguments: Any = "", name: str = "", **more: Any) -> dict[str, Any]:
    """A piece of a call."""
    function = {"name": name or None, "arguments": arguments}
    return chunk(tool_calls=[{"function": function, **more}])


# What is said and thought


def entry(token: str) -> dict[str, Any]:
    return {"token": token, "logprob": -0.5}


TOLD = {"token": "a", "logprob": -0.5, "bytes": [97]}
OTHER = {"token": "\u00e9", "logprob": -0.5, "bytes": [195, 169]}


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        ({"content": "a"}, [Text("a")]),
        ({"content": ""}, []),
        ({"content": [{"text": "a"}, {"text": "b"}]}, [Text("a"), Text("b")]),
        (
            {"content": [{"thinking": [{"text": "a"}, {"text": "b"}]}]},
            [Reasoning("a"), Reasoning("b")],
        ),
        ({"reasoning_content": "a", "content": "b"}, [Reasoning("a"), Text("b")]),
        ({"reasoning": "a"}, [Reasoning("a")]),
        ({"reasoning": {"text": "a"}}, []),
        ({"refusal": "No."}, [Refusal("No.")]),
        ({"refusal": ""}, []),
        (
            {"content": "a", "logprobs": {"content": [entry("a")]}},
            [Text("a", logprobs=({**TOLD, "top_logprobs": []},))],
        ),
        (
            {
                "content": "a",
                "logprobs": {
                    "content": [
                        {
                            **entry("a"),
                            "bytes": [97],
                            "top_logprobs": [entry("a"), entry("\u00e9")],
                        }
                    ]
                },
            },
            [Text("a", logprobs=({**TOLD, "top_logprobs": [TOLD, OTHER]},))],
        ),
        ({"content": "a", "logprobs": {"content": None}}, [Text("a")]),
        (
            {
                "content": "a",
                "logprobs": {"content": [{"token": "a", "logprob": None}]},
            },
            [Text("a", logprobs=({**TOLD, "logprob": -9999.0, "top_logprobs": []},))],
        ),
    ],
)
def test_a_delta_says_something(delta: dict[str, Any], expected: list[Step]) -> None:
    assert steps(chunk(**delta), END) == expected


def test_only_the_first_choice_is_heard() -> None:
    two = {"choices": [{"delta": {"content": "a"}}, {"delta": {"content": "b"}}]}
    assert steps(two, END) == [Text("a")]
    whole = {"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]}
    assert steps(whole) == [Text("a")]


@pytest.mark.parametrize(
    ("reason", "cut"),
    [
        ("length", "max_output_tokens"),
        ("MAX_TOKENS", "max_output_tokens"),
        ("model_length", "max_output_tokens"),
        ("content_filter", "content_filter"),
        ("stop", None),
        ("tool_calls", None),
    ],
)
def test_why_it_ends_is_known(reason: str, cut: str | None) -> None:
    one = heard()
    list(one.steps([chunk(content="a"), chunk(finish_reason=reason), END]))
    assert one.cut == cut
    assert one.text == "a"
    assert not one.has_refused


def test_a_refusal_is_noted() -> None:
    one = heard()
    list(one.steps([chunk(refusal="No."), END]))
    assert one.has_refused
    assert one.text == ""


@pytest.mark.parametrize(
    ("chunks", "words"),
    [
        ([chunk(content="a")], "The model broke off before it had said all."),
        ([chunk(finish_reason="abort")], "its finish_reason is 'abort'"),
        ([chunk(content=[1]), END], "what is no chunk of a completion"),
        ([{"choices": [1]}, END], "what is no chunk of a completion"),
    ],
)
def test_what_is_no_completion_is_an_error(chunks: list[Any], words: str) -> None:
    with pytest.raises(ServiceError) as raised:
        steps(*chunks)
    error = raised.value.body["error"]
    assert words in error["message"]
    assert (raised.value.status, error["code"], error["type"]) == (
        500,
        "server_error",
        "server_error",
    )


@pytest.mark.parametrize(
    "delta",
    [
        {"content": "12345678"},
        {"content": [{"text": "12345678"}]},
        {"content": [{"thinking": [{"text": "12345678"}]}]},
        {"reasoning_content": "12345678"},
        {"refusal": "12345678"},
        {"tool_calls": [{"index": 0, "function": {"arguments": "12345678"}}]},
    ],
)
def test_all_that_comes_counts_and_a_chunk_as_some_letters(
    monkeypatch: pytest.MonkeyPatch, delta: dict[str, Any]
) -> None:
    both = 2 * (8 + deltas.A_CHUNK)
    monkeypatch.setattr(deltas, "MOST_CHARACTERS", both)
    steps(chunk(**delta), chunk(**delta), END)
    monkeypatch.setattr(deltas, "MOST_CHARACTERS", both - 1)
    with pytest.raises(ServiceError) as raised:
        steps(chunk(**delta), chunk(**delta), END)
    assert raised.value.body["error"]["message"] == "The model comes to no end."


# What it took


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 3, "completion_tokens": 8}, Usage(3, 8, 2, 0)),
        ({"prompt_tokens": None, "completion_tokens": 8.0}, Usage(0, 8, 2, 0)),
        ({"prompt_tokens": 3, "completion_tokens": None}, None),
        ({"prompt_tokens": -1, "completion_tokens": 0}, Usage(0, 0, 0, 0)),
        ({"prompt_tokens": "3", "completion_tokens": "8"}, Usage(3, 8, 2, 0)),
        (
            {"prompt_tokens": 10**30, "completion_tokens": 8},
            Usage(deltas.MOST_TOKENS, 8, 2, 0),
        ),
        (
            {
                "prompt_tokens": 3,
                "completion_tokens": 8,
                "completion_tokens_details": {"reasoning_tokens": 5},
                "prompt_tokens_details": {"cached_tokens": 2},
            },
            Usage(3, 8, 5, 2),
        ),
        (
            {"prompt_tokens": 3, "completion_tokens": 8, "reasoning_tokens": 9},
            Usage(3, 8, 8, 0),
        ),
    ],
)
def test_what_it_took_is_counted(usage: dict[str, Any], counted: Usage | None) -> None:
    one = heard()
    # A quarter of what is written are thoughts.
    said = [chunk(reasoning_content="ab"), chunk(content="cdefgh"), END]
    list(one.steps([*said, {"choices": [], "usage": usage}]))
    assert one.usage == counted


@pytest.mark.parametrize(
    "said",
    [
        [chunk(content="<think>ab</think>cdefgh")],
        [chunk(content=[{"thinking": [{"text": "ab"}]}, {"text": "cdefgh"}])],
    ],
)
def test_thoughts_have_their_share_wherever_they_stand(said: Sequence[Any]) -> None:
    one = heard()
    usage = {"prompt_tokens": 3, "completion_tokens": 1_000}
    list(one.steps([*said, END, {"usage": usage}]))
    assert one.usage
    written = sum(len(each) for each in ("ab", "cdefgh"))
    if "<think>" in str(said):
        written += len("<think></think>")
    assert one.usage.reasoning_tokens == 2_000 // written


# Calls


def called(text: str, kind: str = "function", name: str = "f") -> list[Step]:
    return [Writing(text, kind, name), Call(kind, text, name)]


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        (
            [piece("{", "f", index=0), piece("}", index=0)],
            [
                Writing("{", "function", "f"),
                Writing("}", "function", "f"),
                Call("function", "{}", "f"),
            ],
        ),
        # With neither an index nor an id, what has a name is another call.
        (
            [piece("{", "f"), piece("}"), piece("{}", "f")],
            [
                Writing("{", "function", "f"),
                Writing("}", "function", "f"),
                Call("function", "{}", "f"),
                *called("{}"),
            ],
        ),
        # All are counted from 0, and told apart by their ids.
        (
            [piece("{}", "f", index=0, id="a"), piece("{}", "f", index=0, id="b")],
            [*called("{}"), *called("{}")],
        ),
        # A new id for each piece, and one index.
        (
            [piece("{", "f", index=0, id="a"), piece("}", index=0, id="b")],
            [
                Writing("{", "function", "f"),
                Writing("}", "function", "f"),
                Call("function", "{}", "f"),
            ],
        ),
        # The name comes in each piece.
        (
            [piece("{", "f", index=0, id="a"), piece("}", "f", index=0, id="a")],
            [
                Writing("{", "function", "f"),
                Writing("}", "function", "f"),
                Call("function", "{}", "f"),
            ],
        ),
        ([piece({"a": 1}, "f", index=0)], called('{"a":1}')),
        (
            [piece('{"input": "h', "c", index=0), piece('i"}', index=0)],
            [
                Writing("h", "custom", "c"),
                Writing("i", "custom", "c"),
                Call("custom", "hi", "c"),
            ],
        ),
        # What is said within a call waits for its end.
        (
            [piece("{", "f", index=0), chunk(content="a"), piece("}", index=0)],
            [
                Writing("{", "function", "f"),
                Writing("}", "function", "f"),
                Call("function", "{}", "f"),
                Text("a"),
            ],
        ),
    ],
)
def test_calls_are_told_while_they_are_written(
    pieces: list[dict[str, Any]], expected: list[Step]
) -> None:
    one = heard()
    assert list(one.steps([*pieces, END])) == expected
    assert one.left == []
    assert one.told == len(one.calls)


def test_what_is_no_tool_of_the_callers_is_left() -> None:
    one = heard()
    search = piece('{"query":"q"}', "web_search", index=0)
    chunks = [chunk(content="a"), search, piece("{}", "f", index=1), END]
    assert list(one.steps(chunks)) == [Text("a")]
    assert [(each.name, each.arguments) for each in one.left] == [
        ("web_search", '{"query":"q"}'),
        ("f", "{}"),
    ]
    assert one.told == 0


def test_a_name_may_come_in_two_pieces() -> None:
    one = heard()
    list(one.steps([piece("", "web_", index=0), piece("{}", "search", index=0), END]))
    assert [each.name for each in one.calls] == ["web_search"]


def test_what_is_cut_off_within_a_call_ends_where_it_stands() -> None:
    one = heard()
    cut = chunk(finish_reason="length")
    begun = [piece("{}", "f", index=0), piece('{"a', "f", index=1), cut]
    assert list(one.steps(begun)) == [*called("{}"), Writing('{"a', "function", "f")]
    assert one.told == 1
    # What is whole has come to its end.
    assert steps(piece("{}", "f", index=0), cut) == called("{}")


# The pieces of texts


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
@pytest.mark.parametrize(
    ("text", "thought", "answer"),
    [
        ("Yes.", "", "Yes."),
        ("  Yes.", "", "  Yes."),
        ("<think>a</think>b", "a", "b"),
        ("\n <think>\n\na < b</think>\n\nb\n", "a < b", "b\n"),
        ("<think>a</thin</think>b</think>", "a</thin", "b</think>"),
        ("<thin>a", "", "<thin>a"),
        ("<th", "", "<th"),
        ("<think>a</thi", "a</thi", ""),
        ("a <think>b</think>", "", "a <think>b</think>"),
        ("<think></think>b", "", "b"),
    ],
)
def test_thoughts_are_told_from_the_answer(
    size: int, text: str, thought: str, answer: str
) -> None:
    thoughts = Thoughts()
    said = [
        one
        for at in range(0, len(text), size)
        for one in thoughts.add(text[at : at + size])
    ]
    said += thoughts.end()
    assert all(one.text for one in said)
    assert "".join(one.text for one in said if one.is_thought).lstrip("\n") == thought
    assert "".join(one.text for one in said if not one.is_thought) == answer
    assert list(thoughts.end()) == []


def test_no_more_than_a_tag_is_held_back() -> None:
    thoughts = Thoughts()
    assert [one.text for one in thoughts.add("<think>abc</th")] == ["abc"]
    assert [one.text for one in thoughts.add("x</think>d")] == ["</thx", "d"]
    assert [one.text for one in thoughts.add("e<")] == ["e<"]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('{"input": "abc"}', "abc"),
        (' {\n"input" :"abc"} more', "abc"),
        ('{"input":""}', ""),
        (r'{"input": "\"\\\/\b\f\n\r\t"}', '"\\/\b\f\n\r\t'),
        (r'{"input": "\u00e9\ud83d\ude00."}', "\u00e9\U0001f600."),
        (r'{"input": "a\'b\qc"}', "a'bqc"),
        (r'{"input": "\ude00a"}', "\ufffda"),
        (r'{"input": "\ud83dab"}', "\ufffdab"),
        (r'{"input": "\ud83d\n"}', "\ufffd\n"),
        (r'{"input": "\ud83d\u0041b"}', "\ufffdAb"),
        ('{"input": "a\nb"}', "a\nb"),
        ('{"text": "abc"}', ""),
    ],
)
def test_the_text_within_is_read_as_it_comes(
    size: int, written: str, text: str
) -> None:
    writer = OfProperty("input")
    pieces = [written[at : at + size] for at in range(0, len(written), size)]
    assert "".join(map(writer.add, pieces)) == text


def test_what_begins_otherwise_is_not_looked_at_for_ever() -> None:
    writer = OfProperty("input")
    assert writer.add(" " * 101) == ""
    assert writer.add('{"input": "x"}') == ""
    writer = OfProperty("input")
    assert writer.add(" " * 80) == ""
    assert writer.add('{"input": "x"}') == "x"


def test_scripts_of_the_server_are_completions() -> None:
    one = heard()
    assert list(one.steps(says("a", "b"))) == [Text("a"), Text("b")]
    assert one.usage == Usage(11, 7, 0, 0)
