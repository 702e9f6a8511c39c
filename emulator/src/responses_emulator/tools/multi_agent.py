"""Several agents: how they begin, what they report, and who has made which item."""

import orjson

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call

ROOT = "/root"
DEFAULT_SUBAGENTS = 3  # active at once
ITEM_TYPES = ("multi_agent_call", "multi_agent_call_output", "agent_message")


def asked(task: str) -> Item:
    """The message that gives an agent its task."""
    part = {"type": "input_text", "text": task}
    return {"type": "message", "role": "user", "content": [part]}


def action(call: Call, result: str) -> tuple[Item, Item]:
    """A collaboration of the service's own, and what came of it."""
    shared: Item = {"call_id": short_id("call_"), "action": call.name}
    root = {"agent_name": ROOT}
    arguments = orjson.dumps(call.arguments).decode()
    return (
        {
            "id": new_id("mac"),
            "type": "multi_agent_call",
            **shared,
            "arguments": arguments,
            "agent": root,
        },
        {
            "id": new_id("maco"),
            "type": "multi_agent_call_output",
            **shared,
            "output": [{"type": "output_text", "text": result, "annotations": []}],
            "agent": root,
        },
    )


def report(name: str, sealed: str) -> Item:
    """What an agent tells the root, encrypted."""
    content = [{"type": "encrypted_content", "encrypted_content": sealed}]
    return {
        "id": new_id("amsg"),
        "type": "agent_message",
        "author": name,
        "recipient": ROOT,
        "content": content,
        "agent": {"agent_name": name},
    }


def sign(item: Item, name: str) -> None:
    """Say which agent has made an item; a message is its final answer."""
    item["agent"] = {"agent_name": name}
    if item["type"] == "message":
        item["phase"] = "final_answer"
