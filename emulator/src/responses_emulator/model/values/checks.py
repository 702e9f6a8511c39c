"""Whether a text is what a grammar or a schema takes: of a model that nothing forces.

It is found out in a process that can be ended. What cannot be told in time, or without
an extra that is not there, is not held against a text.
"""

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from responses_emulator import extras

if TYPE_CHECKING:
    from responses_emulator.processes import Processes

MAX_SECONDS = 5.0  # of work on one text
MAX_FAULT = 300  # characters
_NEEDS = {"lark": "grammars", "schema": "schemas"}  # extras


def fault(syntax: str, definition: Any, text: str) -> str | None:
    """What is wrong with a text, in a sentence; None where nothing is known to be.

    `syntax` is `lark` or `regex`, or `schema`: then `definition` is a JSON Schema, and
    the text is JSON.
    """
    from responses_emulator.processes import Ended, Failed

    if syntax in _NEEDS and not extras.is_there(_NEEDS[syntax]):
        return None
    asked = {"syntax": syntax, "definition": definition, "text": text}
    try:
        return _judges().do("check", json.dumps(asked).encode())
    except (Ended, Failed):
        return None


@cache
def _judges() -> "Processes":
    from responses_emulator.processes import Processes

    return Processes(seconds=MAX_SECONDS)


def fault_here(syntax: str, definition: Any, text: str) -> str | None:
    """What `fault` tells, found out in this process; it may never come to an end."""
    if syntax == "schema":
        from responses_emulator.model.values import judged

        found = judged.fault(definition, json.loads(text))
    else:
        from responses_emulator.model.values import grammar

        found = grammar.fault_here(syntax, definition, text)
    return found and found[:MAX_FAULT]
