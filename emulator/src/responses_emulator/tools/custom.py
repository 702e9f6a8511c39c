"""Custom tools: the caller runs them on a text that the model writes."""

import re

from responses_emulator.errors import invalid_request, not_emulated
from responses_emulator.ids import new_id, short_id
from responses_emulator.model import grammar
from responses_emulator.model.items import Item
from responses_emulator.tools import programs

_CODE = re.compile(r"\b(code|python|program|script)\b", re.IGNORECASE)


def call(tool: Item, prompt: str) -> Item:
    """The call of a custom tool, its input in the format that the tool asks for."""
    return {
        "id": new_id("ctc"),
        "type": "custom_tool_call",
        "call_id": short_id("call_"),
        "input": _input(tool, prompt),
        "name": tool["name"],
    }


def check(tool: Item, place: str) -> None:
    """Say now whether texts can be written for a grammar; `place` is the tool's."""
    format: Item = tool.get("format") or {}
    if format.get("type") != "grammar":
        return
    where = f"{place}.format.definition"
    try:
        grammar.write(format["syntax"], format["definition"])
    except grammar.NotWritten as unknown:
        raise not_emulated(str(unknown), where) from None
    except ValueError as error:
        raise invalid_request(
            f"Invalid '{where}': the grammar could not be parsed: {error}",
            where,
            "invalid_value",
        ) from None


def _input(tool: Item, prompt: str) -> str:
    format: Item = tool.get("format") or {}
    if format.get("type") == "grammar":
        syntax, definition = format["syntax"], format["definition"]
        try:
            return grammar.write(syntax, definition, prompt)
        except grammar.TooSlow:  # to find out what the prompt has of it
            return grammar.write(syntax, definition)
    quoted = re.search(r"`([^`]+)`", prompt)
    if quoted:
        return quoted[1]
    about = f"{tool['name'].replace('_', ' ')} {tool.get('description') or ''}"
    program = programs.write_program(prompt) if _CODE.search(about) else None
    return program or prompt
