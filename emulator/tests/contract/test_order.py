"""The order of events: recorded streams keep to it, and each rule is broken once."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from emulator.tests.contract.distil import recorded
from emulator.tests.contract.order import Order

Event = dict[str, Any]
TEXT = "response.output_text"


def events_of(body: str) -> list[Event]:
    parts = body.strip().split("\n\n")
    return [json.loads(part.partition("\ndata: ")[2]) for part in parts]


STREAMS = [
    events_of(exchange["response_body"])
    for exchange in recorded()
    if exchange["response_body"].startswith("event: ")
]


def event(kind: str, **fields: Any) -> Event:
    return {"type": kind, **fields}


def response(status: str, **fields: Any) -> dict[str, Any]:
    return {"id": "resp_1", "created_at": 1, "status": status, **fields}


def answer() -> list[Event]:
    """A stream with a message of two deltas and one annotation, made by hand."""
    note = {"type": "url_citation", "url": "https://a.example"}
    part = {"type": "output_text", "text": "Hello.", "annotations": [note]}
    item = {"id": "msg_1", "type": "message", "status": "completed", "content": [part]}
    here = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [
        event("response.created", response=response("in_progress")),
        event("response.in_progress", response=response("in_progress")),
        event(
            "response.output_item.added",
            output_index=0,
            item={**item, "status": "in_progress", "content": []},
        ),
        event("response.content_part.added", **here, part={}),
        event(f"{TEXT}.delta", **here, delta="Hel"),
        event(f"{TEXT}.delta", **here, delta="lo."),
        event(f"{TEXT}.annotation.added", **here, annotation_index=0, annotation=note),
        event(f"{TEXT}.done", **here, text="Hello."),
        event("response.content_part.done", **here, part=part),
        event("response.output_item.done", output_index=0, item=item),
        event(
            "response.completed",
            response=response("completed", output=[item], usage={}, error=None),
        ),
    ]
    return numbered(copy.deepcopy(events))


def numbered(events: list[Event]) -> list[Event]:
    return [{**event, "sequence_number": i} for i, event in enumerate(events)]


def faults(events: list[Event], after: int | None = None) -> list[str]:
    order = Order(after)
    found = [
        f"{event['type']} {place}: {message}"
        for event in events
        for place, message in order.next(event["type"], event)
    ]
    return found + [f"end {place}: {message}" for place, message in order.end()]


@pytest.mark.parametrize("events", [*STREAMS, answer()])
def test_a_stream_in_order_has_no_fault(events: list[Event]) -> None:
    assert faults(events) == []


@pytest.mark.parametrize("after", range(len(answer())))
def test_a_stream_may_be_taken_up_after_any_event(after: int) -> None:
    assert faults(answer()[after + 1 :], after) == []


@pytest.mark.parametrize("index", range(len(answer())))
def test_no_event_may_be_missing_or_come_twice(index: int) -> None:
    if answer()[index]["type"] == "response.in_progress":
        return  # which nothing depends on
    events = answer()
    assert faults(numbered(events[:index] + events[index + 1 :]))
    assert faults(numbered([*events[: index + 1], *events[index:]]))


ANNOTATION = 6  # in the answer: it may come at any time within its part


@pytest.mark.parametrize("index", {*range(2, 10)} - {ANNOTATION - 1, ANNOTATION})
def test_no_two_events_may_change_places(index: int) -> None:
    events = answer()
    events[index], events[index + 1] = events[index + 1], events[index]
    assert faults(numbered(events))


def change(index: int, *path: Any, to: Any) -> Callable[[list[Event]], None]:
    def changed(events: list[Event]) -> None:
        place: Any = events[index]
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return changed


BROKEN: list[tuple[Callable[[list[Event]], None], str]] = [
    (change(0, "sequence_number", to=1), "response.created $.sequence_number"),
    (change(4, "sequence_number", to=9), f"{TEXT}.delta $.sequence_number"),
    (change(5, "sequence_number", to=4), f"{TEXT}.delta $.sequence_number"),
    (change(1, "response", "id", to="resp_2"), "$.response.id"),
    (change(10, "response", "created_at", to=2), "$.response.created_at"),
    (change(0, "response", "status", to="completed"), "$.response.status"),
    (change(10, "response", "status", to="incomplete"), "$.response.status"),
    (change(2, "output_index", to=1), "response.output_item.added $.output_index"),
    (change(4, "item_id", to="msg_2"), f"{TEXT}.delta $.item_id"),
    (change(4, "output_index", to=1), f"{TEXT}.delta $.output_index"),
    (change(4, "content_index", to=1), f"{TEXT}.delta $.content_index"),
    (change(3, "content_index", to=1), "response.content_part.added $.content_index"),
    (change(5, "delta", to="lo!"), f"{TEXT}.done $.text"),
    (change(7, "text", to="Hello!"), f"{TEXT}.done $.text"),
    (change(8, "part", "text", to="Hello!"), "part.done $.part.text"),
    (change(8, "part", "annotations", to=[]), "part.done $.part.annotations"),
    (change(6, "annotation_index", to=1), "$.annotation_index"),
    (change(9, "item", "id", to="msg_2"), "response.output_item.done $.item.id"),
    (change(9, "item", "type", to="reasoning"), "output_item.done $.item.type"),
    (change(9, "item", "status", to="in_progress"), "output_item.done $.item.status"),
    (change(9, "item", "content", 0, "text", to="Hi."), "output_item.done $.item"),
    (change(9, "item", "content", to=[]), "output_item.done $.item.content"),
    (change(10, "response", "output", to=[]), "response.completed $.response.output"),
    (change(10, "response", "usage", to=None), "response.completed $.response.usage"),
    (change(10, "response", "error", to={}), "response.completed $.response.error"),
    (lambda events: events.__delitem__(-1), "end $"),
    (lambda events: events.clear(), "end $: the stream has no events"),
]


@pytest.mark.parametrize(("broken", "told"), BROKEN)
def test_each_rule_is_told_when_it_is_broken(
    broken: Callable[[list[Event]], None], told: str
) -> None:
    events = answer()
    broken(events)
    found = faults(events)
    assert any(told in fault for fault in found), found


RESUMED: list[tuple[int, Callable[[list[Event]], None], str]] = [
    (4, change(7, "text", to="Hello!"), f"{TEXT}.done $.text"),  # "lo." is its end
    (4, change(7, "item_id", to="msg_2"), f"{TEXT}.done $.item_id"),
    (4, change(8, "part", "text", to="Hello!"), "part.done $.part.text"),
    (
        4,
        lambda events: events.__delitem__(7),
        "part.done $.content_index: comes before",
    ),
    (6, change(9, "item", "content", 0, "text", to="Hi."), "output_item.done $.item:"),
    (6, change(9, "item", "id", to="msg_2"), "response.output_item.done $.item.id"),
    (6, lambda events: events.__delitem__(9), "response.completed $.response.output"),
]


@pytest.mark.parametrize(("after", "broken", "told"), RESUMED)
def test_a_stream_taken_up_again_is_held_as_far_as_it_is_known(
    after: int, broken: Callable[[list[Event]], None], told: str
) -> None:
    events = answer()
    broken(events)
    found = faults(events[after + 1 :], after)
    assert any(told in fault for fault in found), found


@pytest.mark.parametrize(
    ("kind", "missing"),
    [("failed", "error"), ("incomplete", "incomplete_details")],
)
def test_a_response_that_does_not_complete_says_why(kind: str, missing: str) -> None:
    last = event(f"response.{kind}", response=response(kind, output=[]))
    found = faults(numbered([answer()[0], last]))
    assert [fault.split(":")[0] for fault in found] == [
        f"response.{kind} $.response.{missing}"
    ]


def test_what_is_cut_off_may_lack_its_ends() -> None:
    events = answer()
    for index in (8, 7):
        del events[index]
    events[-2]["item"]["status"] = "incomplete"
    events[-1]["response"]["output"][0]["status"] = "incomplete"
    assert faults(numbered(events)) == []
    events[-2]["item"]["status"] = "completed"
    assert faults(numbered(events))


def test_partial_pictures_count_up() -> None:
    item = {"id": "ig_1", "type": "image_generation_call"}
    picture = event(
        "response.image_generation_call.partial_image",
        item_id="ig_1",
        output_index=0,
        partial_image_index=0,
    )
    added = event("response.output_item.added", output_index=0, item=item)
    found = faults(numbered([answer()[0], added, picture, picture]))
    assert [fault for fault in found if "$.partial_image_index" in fault]
