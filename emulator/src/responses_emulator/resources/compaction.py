"""Compaction: a conversation folded into one sealed item that stands for all of it.

The service summarises; the stand-in forgets nothing but its reasoning. What is sealed
is every item so far, so an item of this kind replaces whatever comes before it.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from responses_emulator import contract
from responses_emulator.agent import Made
from responses_emulator.errors import invalid_request, missing_parameter, not_emulated
from responses_emulator.http import Json, Reply, Request, close_pieces, json_reply
from responses_emulator.ids import new_id
from responses_emulator.model.estimates import tokens
from responses_emulator.model.steps import Cut
from responses_emulator.resources import conversation, history_checks, settings
from responses_emulator.tools import multi_agent
from responses_emulator.world import World

TRIGGER = "compaction_trigger"
DEFAULT_THRESHOLD = 200_000  # tokens, where a request names none


def compact(world: World, request: Request) -> Reply:
    """`POST /responses/compact`: the user's messages, then one `compaction` item."""
    body = request.json()
    if world.lenient_history:
        contract.forgive("responses.compact", body, "input")
    contract.check("responses.compact", body)
    model: str = body["model"]
    settings.check(world, request, {"model": model}, world.deployment(model))
    for name in ("image", "prompt_cache_options"):
        if body.get(name):
            raise not_emulated(f"the parameter '{name}'", name)
    if body.get("input") is None and body.get("previous_response_id") is None:
        raise missing_parameter("input")
    earlier = conversation.earlier(world, body.get("previous_response_id"))
    items = earlier.items.all()
    given: str | list[Json] | None = body.get("input")
    new = conversation.new_items(world, given)
    if isinstance(given, list):
        history_checks.check(world, given, new, earlier)
    said = items + new
    items = unfold(world, said)
    if any(item.get("type") in multi_agent.ITEM_TYPES for item in items):
        raise invalid_request(
            "Compaction is not supported when multi-agent orchestration is enabled.",
            "input",
        )
    history_checks.check_calls(items)
    used = _count(said) + tokens.count(body.get("instructions") or "")
    return json_reply(
        {
            "id": new_id("resp"),
            "object": "response.compaction",
            "created_at": int(world.clock()),
            "output": [
                *(item for item in items if item.get("role") == "user"),
                fold(world, items),
            ],
            "usage": {
                "input_tokens": used,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": tokens.SUMMARY_TOKENS,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": used + tokens.SUMMARY_TOKENS,
            },
        }
    )


def is_due(body: Json, items: list[Json]) -> bool:
    """Whether it is time for the compaction that `context_management` asks for."""
    # With several agents, the service compacts by itself.
    entries: list[Json] = body.get("context_management") or []
    if not entries and body.get("multi_agent"):
        entries = [{"type": "compaction"}]
    for index, entry in enumerate(entries):
        if entry["type"] != "compaction":
            raise invalid_request(
                f"Invalid value: '{entry['type']}'. Supported values are: "
                "'compaction'.",
                f"context_management[{index}].type",
                "invalid_value",
            )
        threshold = entry.get("compact_threshold") or DEFAULT_THRESHOLD
        if _count(items) >= threshold:
            return True
    return False


def after(world: World, items: list[Json], answer: Iterator[Made]) -> Iterator[Made]:
    """An answer, and then all there is up to its end as one sealed item.

    The item comes last, as recorded on Azure in March 2026 (vercel/ai,
    azure-compaction).
    """
    made: list[Json] = []
    try:
        for each in answer:
            yield each
            if isinstance(each, dict):
                made.append(each)
            elif isinstance(each, Cut):
                return  # what was cut off is no end
    finally:
        close_pieces(answer)
    yield fold(world, unfold(world, [*items, *made]))


def without_trigger(given: str | list[Json] | None) -> tuple[Any, bool]:
    """A request's input, and whether it ends with a wish to compact, not to answer."""
    if not isinstance(given, list):
        return given, False
    for index, item in enumerate(given[:-1]):
        if item.get("type") == TRIGGER:
            raise invalid_request(
                f"Invalid value: '{TRIGGER}' must be the final input item.",
                f"input[{index}]",
                "invalid_value",
            )
    triggered = bool(given) and given[-1].get("type") == TRIGGER
    return given[:-1] if triggered else given, triggered


def fold(world: World, items: list[Json]) -> Json:
    """One sealed item in place of these."""
    kept = [item for item in items if item.get("type") != "reasoning"]
    id = new_id("cmp")
    return {
        "id": id,
        "type": "compaction",
        "encrypted_content": world.cipher.seal(orjson.dumps(kept).decode(), id),
    }


def unfold(world: World, items: list[Json]) -> list[Json]:
    """The items with the last compaction opened in place of all before it."""
    since = since_last(items)
    if len(since) == len(items):
        return items
    sealed = items[len(items) - len(since) - 1]["encrypted_content"]
    opened = world.cipher.open(sealed)
    return [*orjson.loads(opened.text if opened else "[]"), *since]


def _count(items: list[Json]) -> int:
    """The tokens of items, those up to the last compaction as a summary."""
    since = since_last(items)
    summary = tokens.SUMMARY_TOKENS if len(since) < len(items) else 0
    return summary + tokens.count_items(since)


def since_last(items: list[Json]) -> list[Json]:
    """The items after the last compaction; all of them where there is none."""
    for index in range(len(items) - 1, -1, -1):
        if items[index].get("type") == "compaction":
            return items[index + 1 :]
    return items
