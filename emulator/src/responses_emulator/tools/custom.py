"""Custom tools: the caller runs them on a text that the model writes."""

from responses_emulator.errors import invalid_request, not_emulated
from responses_emulator.model.items import Item


def check(tool: Item, place: str) -> None:
    """Say now whether texts can be written for a grammar; `place` is the tool's."""
    format: Item = tool.get("format") or {}
    if format.get("type") != "grammar":
        return
    from responses_emulator.model.values import grammar  # here: few tools have one

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
