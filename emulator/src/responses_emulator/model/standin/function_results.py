"""What the stand-in says of the results of functions, whatever these are about."""

import json
from typing import Any, cast

from responses_emulator.model.prompt import people_and_places
from responses_emulator.model.prompt.words import listed, name_words, shortened

MAX_FACTS = 12  # of an object that are told
MAX_ENTRIES = 5  # of a list
MAX_DEPTH = 4  # of an object in an object
LONGEST_SUBJECT = 40  # characters

_DONE = ("ok", "done", "success", "true", "null", "none")

Called = tuple[str, dict[str, Any], str]  # a function's name, arguments and output


def answer(prompt: str, results: list[Called]) -> str:
    """What the model says of function results, a line for each.

    An output is usually JSON; {"error": why} becomes a sentence that says so.
    """
    if not results:
        return "There is no result to answer from."
    places = people_and_places.places(prompt)
    told: list[str] = []
    for at, result in enumerate(results):
        one_each = len(places) == len(results)
        subject = places[at] if one_each else _subject(prompt, result, results)
        told.append(f"{subject}: {_told(result)}" if subject else _told(result))
    return "\n".join(dict.fromkeys(told))


def _subject(prompt: str, result: Called, results: list[Called]) -> str:
    """The argument that tells this call from the others, or that the prompt names."""
    name, arguments, _ = result
    others = [given for other, given, _ in results if other == name]
    for key, value in arguments.items():
        text = str(value)
        differs = any(given.get(key) != value for given in others)
        named = isinstance(value, str) and text.lower() in prompt.lower()
        if (differs or named) and 0 < len(text) <= LONGEST_SUBJECT:
            return text
    return ""


def _told(result: Called) -> str:
    name, _, output = result
    value = _parsed(output)
    error = _error(value)
    if error:
        why = shortened(_plainly(error), 300).rstrip(".")
        return f"I could not find this out: {name} failed with \u201c{why}\u201d."
    if value == []:
        return "Nothing was found."
    if value in ("", {}) or str(value).lower() in _DONE:
        return f"{name} is done."
    text = value if isinstance(value, str) else _plainly(value)
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _parsed(output: str) -> Any:
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        return output.strip()


def _error(value: Any) -> Any:
    """What a result says went wrong, if it says so."""
    if isinstance(value, dict):
        return cast(dict[str, Any], value).get("error")
    failed = str(value).lower().startswith(("error", "exception", "traceback"))
    return value if failed else None


def _plainly(value: Any, depth: int = 0) -> str:
    """A value as words: "temperature 11 \u00b0C, raining no"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list) and depth == MAX_DEPTH:
        return shortened(json.dumps(value, ensure_ascii=False), 200)
    if isinstance(value, dict):
        facts = cast(dict[str, Any], value)
        told = [
            f"{' '.join(name_words(key)) or key} {_plainly(each, depth + 1)}"
            for key, each in list(facts.items())[:MAX_FACTS]
        ]
        return ", ".join(told)
    if isinstance(value, list):
        members = cast(list[Any], value)
        told = [_plainly(each, depth + 1) for each in members[:MAX_ENTRIES]]
        more = len(members) - len(told)
        return listed([*told, f"{more} more"] if more else told)
    return shortened(str(value), 400)
