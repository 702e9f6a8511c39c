"""Whatever is asked, the emulator answers: with a 4xx if it makes no sense."""

import copy
import random

import pytest

from responses_emulator.model.items import Item

STORE = "vs_unknown"
SHAPE = {
    "type": "object",
    "properties": {
        "a": {"type": "string"},
        "n": {"type": "array", "items": {"type": "integer"}},
    },
    "required": ["a", "n"],
    "additionalProperties": False,
}
BODIES: list[Item] = [
    {
        "input": "What is 3*4?",
        "tools": [{"type": "code_interpreter", "container": {"type": "auto"}}],
        "include": ["code_interpreter_call.outputs"],
    },
    {
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Hello."},
                    {"type": "input_image", "image_url": "https://a/b.png"},
                ],
            }
        ],
        "metadata": {"a": "b"},
        "stream": True,
    },
    {
        "input": [
            {"type": "message", "role": "user", "content": "Weather in London?"},
            {"type": "function_call", "call_id": "c", "name": "w", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": '{"t": 1}'},
        ],
        "tools": [
            {"type": "function", "name": "w", "parameters": SHAPE, "strict": True}
        ],
        "tool_choice": "auto",
    },
    {
        "input": "Extract.",
        "text": {"format": {"type": "json_schema", "name": "x", "schema": SHAPE}},
        "reasoning": {"effort": "low", "summary": "auto"},
        "background": True,
    },
    {
        "input": "Look it up.",
        "tools": [
            {
                "type": "mcp",
                "server_label": "l",
                "server_url": "https://learn.microsoft.com/api/mcp",
                "require_approval": {"never": {"tool_names": ["x"]}},
                "allowed_tools": ["microsoft_docs_search"],
            },
            {
                "type": "file_search",
                "vector_store_ids": [STORE],
                "filters": {"type": "eq", "key": "k", "value": 1},
            },
        ],
    },
]
NONSENSE: list[object] = [
    None, True, 0, -1, 1.5, 1e30, "", "x", "auto", [], {}, ["x"], [[]], [{}], [None],
    {"type": "x"}, {"type": "function"}, {"role": "user"}, "data:image/png;base64,AA",
]  # fmt: skip
KEYS = ["type", "role", "content", "id", "name", "call_id", "summary", "format", "x"]


def places(value: object, path: tuple[object, ...] = ()):
    """The path of everything within a JSON value."""
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in pairs:
        yield (*path, key)
        yield from places(inner, (*path, key))


def spoil(body: Item, chance: random.Random) -> Item:
    """The body with one to three things in it that do not belong there."""
    body = copy.deepcopy(body)
    for _ in range(chance.choice([1, 1, 2, 3])):
        *path, last = chance.choice(list(places(body)))
        target: object = body
        for key in path:
            target = target[key]  # type: ignore[index]
        if chance.random() < 0.2:
            del target[last]  # type: ignore[attr-defined]
        elif isinstance(target, dict) and chance.random() < 0.3:
            target[chance.choice(KEYS)] = copy.deepcopy(chance.choice(NONSENSE))
        else:
            target[last] = copy.deepcopy(chance.choice(NONSENSE))  # type: ignore[index]
        if not body:
            break
    return body


@pytest.mark.parametrize("seed", range(4))
def test_no_request_is_too_odd_to_be_answered(client, seed):
    chance = random.Random(seed)
    for _ in range(400):
        body = {"model": "gpt-5-mini", **spoil(chance.choice(BODIES), chance)}
        reply = client.send("POST", "/responses", body)  # raises what would be a 500
        if not isinstance(reply.body, bytes):
            assert list(reply.body)
        assert reply.status == 200 or 400 <= reply.status < 500
