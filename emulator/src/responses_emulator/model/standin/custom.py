"""What the stand-in writes for a custom tool: a text, in the format it asks for."""

import re

from responses_emulator.model.items import Item


def text_for(tool: Item, prompt: str) -> str:
    """The input of a call."""
    format: Item = tool.get("format") or {}
    if format.get("type") == "grammar":
        from responses_emulator.model.values import grammar  # here: few tools have one

        syntax, definition = format["syntax"], format["definition"]
        try:
            return grammar.write(syntax, definition, prompt)
        except grammar.TooSlow:  # to find out what the prompt has of it
            return grammar.write(syntax, definition)
    quoted = re.search(r"`([^`]+)`", prompt)
    if quoted:
        return quoted[1]
    return prompt
