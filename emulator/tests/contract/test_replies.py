"""Replies as Azure gives them today: what others recorded, item by item."""

from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client, parse
from emulator.tests.models import Says
from emulator.tests.test_families import with_model
from emulator.tests.tools.test_tool_choice import IMAGES
from responses_emulator.core import Emulator
from responses_emulator.model.steps import Call, Text

WEATHER = "What's the weather in Oslo?"
DRAW = {"tools": [{"type": "image_generation", "partial_images": 1}]}


@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-5.4-mini", "gpt-6-luna"])
def test_every_response_has_both_penalties(client: Client, model: str) -> None:
    plain = client.create(model=model)
    told = [event.get("response") for event in client.events(model=model)]
    kept = client.json("GET", f"/responses/{plain['id']}")
    background = client.create(model=model, background=True)
    shown = [each for each in told if each]
    assert len(shown) == 3
    for response in (plain, kept, background, *shown):
        assert response["frequency_penalty"] == response["presence_penalty"] == 0.0


@pytest.mark.parametrize(
    ("model", "tells"),
    [
        ("gpt-4.1", False),
        ("gpt-5-mini", False),
        ("gpt-5.2", False),
        ("gpt-5.2-codex", False),
        ("gpt-5.3-codex", True),
        ("gpt-5.4", True),
        ("gpt-5.4-nano", True),
        ("gpt-5.4-pro", True),
        ("gpt-5.5", True),
        ("gpt-5.6-sol", True),
        ("gpt-6-astra", True),
    ],
)
def test_newer_models_say_that_a_message_is_the_final_answer(
    client: Client, model: str, tells: bool
) -> None:
    with_model(client, model)
    events = client.events(model=model)
    message = client.create(model=model)["output"][-1]
    begun = [
        event["item"]
        for event in events
        if event["type"] == "response.output_item.added"
    ][-1]
    ended = events[-1]["response"]["output"][-1]
    for item in (message, begun, ended):
        assert item.get("phase") == ("final_answer" if tells else None)


def test_what_is_said_before_a_call_is_commentary(client: Client) -> None:
    call = Call("function", {"city": "Oslo"}, "get_weather")
    for waits in (False, True):
        model = Says([Text("I look it up."), call], waits=waits)
        client.emulator = Emulator(clock=client.clock, model=model)
        events = client.events(WEATHER, model="gpt-6-luna", tools=[GET_WEATHER])
        said, called = events[-1]["response"]["output"]
        assert (said["phase"], called["type"]) == ("commentary", "function_call")


@pytest.mark.parametrize(
    ("tool", "told"),
    [
        ({}, ("opaque", "png", "medium", "1024x1024")),
        (
            {"background": "transparent", "quality": "low", "size": "1536x1024"},
            ("transparent", "png", "low", "1536x1024"),
        ),
        (
            {"output_format": "jpeg", "quality": "auto", "background": "opaque"},
            ("opaque", "jpeg", "medium", "1024x1024"),
        ),
    ],
)
def test_a_picture_tells_what_it_is(
    client: Client, tool: dict[str, Any], told: tuple[str, ...]
) -> None:
    [settings] = DRAW["tools"]
    body = {
        "model": "gpt-5.4-mini",
        "input": "Draw a red cat.",
        "tools": [{**settings, **tool}],
        "stream": True,
    }
    events = list(parse(client.send("POST", "/responses", body, **IMAGES)))
    picture, message = events[-1]["response"]["output"]
    names = ("background", "output_format", "quality", "size")
    assert tuple(picture[name] for name in names) == told
    assert picture["revised_prompt"] == "Draw a red cat."
    [partial] = [e for e in events if e["type"].endswith("partial_image")]
    assert tuple(partial[name] for name in names) == told
    [begun, _] = [e for e in events if e["type"] == "response.output_item.added"]
    assert not begun["item"].keys() & {*names, "revised_prompt"}
    assert "red cat" in message["content"][0]["text"]


@pytest.mark.parametrize(
    ("asked", "told"),
    [(None, None), ("auto", "detailed"), ("detailed", "detailed")],
)
@pytest.mark.parametrize("name", ["summary", "generate_summary"])
def test_a_summary_is_echoed_as_what_it_came_to(
    client: Client, name: str, asked: str | None, told: str | None
) -> None:
    events = client.events(reasoning={name: asked})
    assert {event["response"]["reasoning"]["summary"] for event in events[:2]} == {told}
    assert client.create(reasoning={name: asked})["reasoning"]["summary"] == told
