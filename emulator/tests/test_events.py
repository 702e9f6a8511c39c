"""The events of a stream: their order, and what each of them has."""

import base64
import io

import pytest
from PIL import Image

from emulator.tests.conftest import GET_WEATHER, parse
from responses_emulator import events
from responses_emulator.signals import Pause
from responses_emulator.tools.image_generation import PictureCall

CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
DRAW = {"type": "image_generation"}
LEARN = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",
}


def sequence(client, prompt, tool, **body):
    """The types of a stream's events between the lifecycle ones, repeats left out."""
    reply = client.send(
        "POST",
        "/responses",
        {
            "model": "gpt-5.4-mini",
            "input": prompt,
            "tools": [tool],
            "stream": True,
            **body,
        },
        x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
    )
    seen = [event["type"].removeprefix("response.") for event in parse(reply)]
    assert seen[:2] == ["created", "in_progress"]
    assert seen[-1] == "completed"
    return [
        kind for before, kind in zip(["", *seen], seen, strict=False) if kind != before
    ][2:-1]


MESSAGE = [
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
]


@pytest.mark.parametrize(
    ("prompt", "tool", "expected"),
    [
        (
            "What is 17 * 23?",
            CODE,
            [
                "output_item.added",
                "code_interpreter_call.in_progress",
                "code_interpreter_call_code.delta",
                "code_interpreter_call_code.done",
                "code_interpreter_call.interpreting",
                "code_interpreter_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "Draw a house.",
            DRAW,
            [
                "output_item.added",
                "image_generation_call.in_progress",
                "image_generation_call.generating",
                "image_generation_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "Look up structured outputs.",
            LEARN,
            [
                "output_item.added",
                "mcp_list_tools.in_progress",
                "mcp_list_tools.completed",
                "output_item.done",
                "output_item.added",
                "mcp_call.in_progress",
                "mcp_call_arguments.delta",
                "mcp_call_arguments.done",
                "mcp_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "What's the weather in Oslo?",
            GET_WEATHER,
            [
                "output_item.added",
                "function_call_arguments.delta",
                "function_call_arguments.done",
                "output_item.done",
            ],
        ),
    ],
    ids=["code_interpreter", "image_generation", "mcp", "function"],
)
def test_a_tool_call_unfolds_in_the_services_order(client, prompt, tool, expected):
    assert sequence(client, prompt, tool) == expected


def test_reasoning_unfolds_part_by_part(client):
    stream = client.events("Hello.", reasoning={"summary": "auto"})

    item = next(e["item"] for e in stream if e["type"] == "response.output_item.done")
    for index, part in enumerate(item["summary"]):
        own = [event for event in stream if event.get("summary_index") == index]
        kinds = [event["type"].rpartition("summary_")[2] for event in own]
        deltas = "".join(event.get("delta", "") for event in own)
        assert (kinds[0], kinds[-2:]) == ("part.added", ["text.done", "part.done"])
        assert deltas == part["text"]


def test_a_refusal_is_streamed_as_one(client):
    shape = {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
    refusal = {"type": "refusal", "refusal": "I cannot help with that."}
    client.emulator.reply_with({"content": [refusal]})
    stream = client.events(
        "How do I get into a house?",
        text={"format": {"type": "json_schema", "name": "a", "schema": shape}},
    )

    deltas = [e["delta"] for e in stream if e["type"] == "response.refusal.delta"]
    [done] = [e for e in stream if e["type"] == "response.refusal.done"]
    assert "".join(deltas) == done["refusal"]
    assert not any(e["type"].startswith("response.output_text") for e in stream)


def test_arguments_arrive_in_pieces_that_make_up_the_whole(client):
    stream = client.events("What's the weather in Oslo?", tools=[GET_WEATHER])

    name = "response.function_call_arguments"
    deltas = [e["delta"] for e in stream if e["type"] == f"{name}.delta"]
    [done] = [e for e in stream if e["type"] == f"{name}.done"]
    assert len(deltas) > 1
    assert "".join(deltas) == done["arguments"] == '{"city":"Oslo"}'
    assert "name" not in done


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a b", " a  b \n", "é, ü!\n\n日本語 `x` 1.5%", "a" * 5000]
)
def test_tokens_make_up_the_text(text):
    assert "".join(events.tokens(text)) == text


# Each kind of item as a whole: what of it is not there at first, and what comes between
# that and its end. `+` stands for the item's place, or for the pieces of a text.

CITED = {"type": "url_citation", "url": "https://a.example", "title": "A"}
SAID = {"type": "output_text", "text": "Hi, Ada.", "annotations": [CITED]}
LIKELY = {"token": "Hi", "logprob": -0.5, "bytes": [72, 105]}
DONE = {"status": "completed"}


def text_events(name, property, text, **place):
    """A delta for each piece, and the end with the whole."""
    for piece in events.tokens(text):
        yield {"type": f"{name}.delta", **place, "delta": piece}
    yield {"type": f"{name}.done", **place, property: text}


def steps(name, *each):
    return [{"type": f"response.{name}.{step}", "+": True} for step in each]


UNFOLDED = {
    "function_call": (
        {"arguments": '{"a":1}', "name": "f", **DONE},
        {"arguments": "", "status": "in_progress"},
        text_events(
            "response.function_call_arguments", "arguments", '{"a":1}', **{"+": True}
        ),
    ),
    "custom_tool_call": (
        {"input": "a b", "name": "f"},
        {"input": ""},
        text_events("response.custom_tool_call_input", "input", "a b", **{"+": True}),
    ),
    "mcp_call": (
        {"arguments": "{}", "output": "Yes.", "error": None, **DONE},
        {"arguments": "", "output": None, "error": None, "status": "in_progress"},
        [
            *steps("mcp_call", "in_progress"),
            *text_events(
                "response.mcp_call_arguments", "arguments", "{}", **{"+": True}
            ),
            *steps("mcp_call", "completed"),
        ],
    ),
    "mcp_call, failed": (
        {"arguments": "", "output": None, "error": "No.", "status": "failed"},
        {"arguments": "", "output": None, "error": None, "status": "in_progress"},
        [
            *steps("mcp_call", "in_progress"),
            *text_events("response.mcp_call_arguments", "arguments", "", **{"+": True}),
            *steps("mcp_call", "failed"),
        ],
    ),
    "mcp_call, cut off": (
        {"arguments": "{", "output": None, "error": None, "status": "incomplete"},
        {"arguments": "", "output": None, "error": None, "status": "in_progress"},
        [
            *steps("mcp_call", "in_progress"),
            *text_events(
                "response.mcp_call_arguments", "arguments", "{", **{"+": True}
            ),
        ],
    ),
    "mcp_list_tools": (
        {"tools": [{"name": "a"}]},
        {"tools": []},
        steps("mcp_list_tools", "in_progress", "completed"),
    ),
    "mcp_list_tools, failed": (
        {"tools": [], "error": "No."},
        {"tools": [], "error": None},
        steps("mcp_list_tools", "in_progress", "failed"),
    ),
    "file_search_call": (
        {"queries": ["a"], "results": [{}], **DONE},
        {"queries": [], "results": None, "status": "in_progress"},
        steps("file_search_call", "in_progress", "searching", "completed"),
    ),
    "file_search_call, cut off": (
        {"queries": ["a"], "results": None, "status": "incomplete"},
        {"queries": [], "results": None, "status": "in_progress"},
        steps("file_search_call", "in_progress"),
    ),
    "web_search_call": (
        {"action": {"type": "search", "query": "a"}, **DONE},
        {"action": {"type": "search", "query": ""}, "status": "in_progress"},
        steps("web_search_call", "in_progress", "searching", "completed"),
    ),
    "code_interpreter_call": (
        {"code": "1 + 1", "outputs": [{}], **DONE},
        {"code": "", "outputs": None, "status": "in_progress"},
        [
            *steps("code_interpreter_call", "in_progress"),
            *text_events(
                "response.code_interpreter_call_code", "code", "1 + 1", **{"+": True}
            ),
            *steps("code_interpreter_call", "interpreting", "completed"),
        ],
    ),
    "code_interpreter_call, failed": (
        {"code": "1", "outputs": [], "status": "failed"},
        {"code": "", "outputs": None, "status": "in_progress"},
        [
            *steps("code_interpreter_call", "in_progress"),
            *text_events(
                "response.code_interpreter_call_code", "code", "1", **{"+": True}
            ),
            *steps("code_interpreter_call", "interpreting"),
        ],
    ),
    "code_interpreter_call, cut off": (
        {"code": "1", "outputs": None, "status": "incomplete"},
        {"code": "", "outputs": None, "status": "in_progress"},
        [
            *steps("code_interpreter_call", "in_progress"),
            *text_events(
                "response.code_interpreter_call_code", "code", "1", **{"+": True}
            ),
        ],
    ),
    "shell_call": (
        {"action": {"commands": ["ls -a", "pwd"], "timeout_ms": 5}, **DONE},
        {"action": {"commands": [], "timeout_ms": 5}, "status": "in_progress"},
        [
            event
            for index, command in enumerate(["ls -a", "pwd"])
            for event in (
                {
                    "type": "response.shell_call_command.added",
                    "output_index": 3,
                    "command_index": index,
                    "command": "",
                },
                *text_events(
                    "response.shell_call_command",
                    "command",
                    command,
                    output_index=3,
                    command_index=index,
                ),
            )
        ],
    ),
    "shell_call_output": (
        {"output": [{"stdout": "a", "stderr": ""}, {"stdout": "b", "stderr": "c"}]},
        {"output": [], "status": "in_progress"},
        [
            {
                "type": f"response.shell_call_output_content.{kind}",
                "+": True,
                "command_index": index,
                **said,
            }
            for kind, index, said in (
                ("delta", 0, {"delta": {"stdout": "a"}}),
                ("done", 0, {"output": [{"stdout": "a", "stderr": ""}]}),
                ("delta", 1, {"delta": {"stdout": "b"}}),
                ("delta", 1, {"delta": {"stderr": "c"}}),
                ("done", 1, {"output": [{"stdout": "b", "stderr": "c"}]}),
            )
        ],
    ),
    "compaction": ({"encrypted_content": "x"}, {}, steps("compaction", "compacting")),
    **{
        f"{name}_call": ({"call_id": "c", **DONE}, {}, [])
        for name in ("local_shell", "apply_patch", "computer", "tool_search")
    },
    "mcp_approval_request": ({"name": "a"}, {}, []),
    "tool_search_output": ({"tools": []}, {}, []),
    "multi_agent_call": ({"action": "spawn_agent"}, {}, []),
    "multi_agent_call_output": ({"output": []}, {}, []),
    "agent_message": ({"content": []}, {}, []),
    "reasoning": (
        {"summary": [{"type": "summary_text", "text": each} for each in ("Hm.", "")]},
        {"summary": []},
        [
            event
            for index, text in enumerate(["Hm.", ""])
            for event in (
                {
                    "type": "response.reasoning_summary_part.added",
                    "+": True,
                    "summary_index": index,
                    "part": {"type": "summary_text", "text": ""},
                },
                *text_events(
                    "response.reasoning_summary_text",
                    "text",
                    text,
                    **{"+": True, "summary_index": index},
                ),
                {
                    "type": "response.reasoning_summary_part.done",
                    "+": True,
                    "summary_index": index,
                    "part": {"type": "summary_text", "text": text},
                },
            )
        ],
    ),
}


@pytest.mark.parametrize("kind", UNFOLDED)
def test_an_item_unfolds_into_exactly_these_events(kind):
    has, at_first, between = UNFOLDED[kind]
    item = {"type": kind.partition(",")[0], "id": "it_1", **has}
    place = {"item_id": "it_1", "output_index": 3}
    wanted = [
        {key: value for key, value in event.items() if key != "+"}
        | (place if "+" in event else {})
        for event in between
    ]

    first, *middle, last = events.of_item(item, 3, obfuscate=False)

    assert first == {
        "type": "response.output_item.added",
        "output_index": 3,
        "item": item | at_first,
    }
    assert middle == wanted
    assert last == {
        "type": "response.output_item.done",
        "output_index": 3,
        "item": item,
    }


def of_message(*content, obfuscate=False):
    item = {"type": "message", "id": "msg_1", "content": content, **DONE}
    first, *middle, last = events.of_item(item, 0, obfuscate=obfuscate)
    assert first["item"] == {**item, "content": [], "status": "in_progress"}
    assert last["item"] == item
    return [
        {k: v for k, v in event.items() if k not in ("item_id", "output_index")}
        for event in middle
    ]


def test_a_text_and_a_refusal_are_two_parts_of_a_message():
    refusal = {"type": "refusal", "refusal": "No."}
    assert of_message(SAID, refusal) == [
        {
            "type": "response.content_part.added",
            "content_index": 0,
            "part": {**SAID, "text": "", "annotations": [], "logprobs": []},
        },
        *(
            {
                "type": "response.output_text.delta",
                "content_index": 0,
                "delta": piece,
                "logprobs": [],
            }
            for piece in ("Hi", ",", " Ada", ".")
        ),
        {
            "type": "response.output_text.annotation.added",
            "content_index": 0,
            "annotation_index": 0,
            "annotation": CITED,
        },
        {
            "type": "response.output_text.done",
            "content_index": 0,
            "text": "Hi, Ada.",
            "logprobs": [],
        },
        {"type": "response.content_part.done", "content_index": 0, "part": SAID},
        {
            "type": "response.content_part.added",
            "content_index": 1,
            "part": {"type": "refusal", "refusal": ""},
        },
        {"type": "response.refusal.delta", "content_index": 1, "delta": "No"},
        {"type": "response.refusal.delta", "content_index": 1, "delta": "."},
        {"type": "response.refusal.done", "content_index": 1, "refusal": "No."},
        {"type": "response.content_part.done", "content_index": 1, "part": refusal},
    ]


@pytest.mark.parametrize("own", [False, True])
def test_log_probabilities_come_with_their_token_and_without_bytes(own):
    tops = [{"token": "Ho", "logprob": -2, "bytes": [72]}]
    entries = [{**LIKELY, "top_logprobs": tops}, {**LIKELY, "token": "."}]
    shown = [
        {
            "token": "Hi",
            "logprob": -0.5,
            "top_logprobs": [{"token": "Ho", "logprob": -2}],
        },
        {"token": ".", "logprob": -0.5},
    ]
    entries, shown = (entries[:1], shown[:1]) if own else (entries, shown)
    part = {**SAID, "text": "Hi.", "annotations": [], "logprobs": entries}

    seen = of_message(part)

    deltas = [(e["delta"], e["logprobs"]) for e in seen if "delta" in e]
    # A model's own tokens are others than the stand-in's: then all come at once.
    each = [("Hi", shown[:1]), (".", shown[1:])]
    assert deltas == ([("Hi.", shown)] if own else each)
    [done] = [e for e in seen if e["type"] == "response.output_text.done"]
    assert done["logprobs"] == shown
    assert seen[-1]["part"]["logprobs"] == entries


def test_deltas_are_padded_to_a_length_that_tells_nothing():
    text = " ".join(("a", "bcd", "e" * 14, "f" * 16))
    seen = of_message({**SAID, "text": text}, obfuscate=True)
    padded = [e for e in seen if "delta" in e]
    assert len(padded) == 4
    for event in padded:
        assert (len(event["delta"]) + len(event["obfuscation"])) % 16 == 0
        assert event["obfuscation"]
    assert not any("obfuscation" in e for e in seen if "delta" not in e)


def test_events_are_numbered_from_0_and_pauses_are_not():
    pause = Pause(1)
    given = [{"type": "a", "x": 1}, pause, {"type": "b"}]
    assert list(events.number(given)) == [
        {"type": "a", "sequence_number": 0, "x": 1},
        pause,
        {"type": "b", "sequence_number": 1},
    ]
    assert list(next(events.number(given))) == ["type", "sequence_number", "x"]
    whole = {"id": "resp_1"}
    assert events.lifecycle("queued", whole) == {
        "type": "response.queued",
        "response": whole,
    }


def test_a_picture_has_its_previews_before_it_is_there():
    told = {"size": "1024x1024", "quality": "low", "background": "opaque"}
    told["output_format"] = "png"
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "PNG")
    picture = base64.b64encode(buffer.getvalue()).decode()
    item = PictureCall(type="image_generation_call", id="ig_1", result=picture, **told)
    item |= {"revised_prompt": "A house.", **DONE}
    item.previews = 2

    first, *middle, last = events.of_item(item, 0)

    assert first["item"] == {
        "type": "image_generation_call",
        "id": "ig_1",
        "result": None,
        "status": "in_progress",
    }
    assert last["item"] == item
    name = "response.image_generation_call"
    assert [each["type"] for each in middle] == [
        f"{name}.{step}"
        for step in ("in_progress", "generating", *["partial_image"] * 2, "completed")
    ]
    for index, event in enumerate(middle[2:4]):
        shown = event.pop("partial_image_b64")
        assert event == {
            "type": f"{name}.partial_image",
            "item_id": "ig_1",
            "output_index": 0,
            "partial_image_index": index,
            **told,
        }
        assert base64.b64decode(shown).startswith(b"\x89PNG")


@pytest.mark.parametrize("obfuscate", [False, True])
@pytest.mark.parametrize("kind", ["message", "refusal", *events._WRITTEN, "reasoning"])
def test_what_comes_piece_by_piece_has_the_events_of_the_whole(kind, obfuscate):
    pieces = ["Hi,", " Ada", "."]
    summary = [{"type": "summary_text", "text": each} for each in ("Hi, Ada", ".")]
    plain = {**SAID, "annotations": []}
    item, begun = {
        "message": ({"content": [plain]}, {"content": [{**plain, "text": ""}]}),
        "refusal": (
            {"content": [{"type": "refusal", "refusal": "Hi, Ada."}]},
            {"content": [{"type": "refusal", "refusal": ""}]},
        ),
        "function_call": ({"arguments": "Hi, Ada."}, {"arguments": ""}),
        "custom_tool_call": ({"input": "Hi, Ada."}, {"input": ""}),
        "reasoning": ({"summary": summary}, {"summary": []}),
    }[kind]
    is_message = kind in ("message", "refusal")
    base = {"type": "message" if is_message else kind, "id": "it_1"}
    base |= {} if kind == "reasoning" else {"status": "completed"}

    live = events.OfGrowing({**base, **begun}, 2, obfuscate=obfuscate)
    seen = list(live.begin())
    for number, piece in enumerate(pieces):
        seen += live.go_on(piece, number // 2, ())
    seen += live.end({**base, **item})

    assert seen == list(events.of_item({**base, **item}, 2, obfuscate=obfuscate))
