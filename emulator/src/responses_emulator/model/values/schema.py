"""Values that are valid for a JSON Schema, drawn from the prompt where they can be.

A plain schema, as strict ones are, is filled here and now. What asks for more, or may
take long, is filled in a worker process, where a validator has the last word; for that
an extra is needed.
"""

import json
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

from responses_emulator import extras
from responses_emulator.errors import busy
from responses_emulator.model.prompt import people_and_places
from responses_emulator.model.prompt.properties import Property, kind_of
from responses_emulator.model.prompt.words import name_words
from responses_emulator.model.values import keywords
from responses_emulator.model.values.bounds import OverBound
from responses_emulator.model.values.keywords import as_dict, types
from responses_emulator.remembered import Remembered
from responses_emulator.sizes import size_of

if TYPE_CHECKING:
    from responses_emulator.processes import Processes

__all__ = ["OverBound", "calls", "fill"]

Schema = dict[str, Any]

MAX_SECONDS = 5.0  # of work on one schema
MAX_STEPS_HERE = 3_000  # schemas looked at for one value, before it goes to a worker
MAX_REMEMBERED_BYTES = 2**20


def fill(schema: Schema, prompt: str, *, name: str = "") -> Any:
    """A value that is valid for the schema, drawn from the prompt where it can be.

    `name` is what the value as a whole is called. Of what the prompt does not say,
    optional properties are left out, nullable ones are null, and the others hold a
    plain value: their default, "unknown", 0, false, []. The same arguments give the
    same value. Raises ValueError where no value is valid, and says why; OverBound, a
    ValueError, where there may be one that is not found here: for its size, for the
    time that it takes, or for want of an extra.
    """
    if keywords.is_plain(schema):
        from responses_emulator.model.values import filling  # here: few ask for values

        try:
            return filling.filled(schema, prompt, name=name, steps=MAX_STEPS_HERE)
        except ValueError:
            pass  # there is more time elsewhere, and the reason is known there
    elif not (_can_judge() or keywords.is_plain(schema, at_any_speed=True)):
        raise OverBound(extras.missing("schemas", "To fill such a schema"))
    asked = json.dumps({"schema": schema, "prompt": prompt, "name": name})
    return json.loads(made.get(partial(_made, asked), asked))


# It is made when a request is checked, and again for its answer.
made = Remembered[str](MAX_REMEMBERED_BYTES, size_of)


def _made(asked: str) -> str:
    from responses_emulator.processes import Ended, Failed

    try:
        return json.dumps(_fillers().do("schema", asked.encode()))
    except Failed as error:
        kind = OverBound if error.kind == OverBound.__name__ else ValueError
        raise kind(error.message) from None
    except Ended as error:
        if error.why == "places":
            raise busy("Too many schemas are being read.", MAX_SECONDS) from error
        why = {
            "time": f"{MAX_SECONDS:g} s of work find no value for this schema.",
            "memory": "To fill this schema takes too much memory, or crashes.",
            "start": "What fills this schema cannot be started.",
        }[error.why]
        raise OverBound(why) from error


@cache
def _fillers() -> "Processes":
    from responses_emulator.processes import Processes

    return Processes(seconds=MAX_SECONDS)


def _can_judge() -> bool:
    return extras.is_there("schemas")


def fill_here(schema: Schema, prompt: str, *, name: str = "") -> Any:
    """What `fill` gives, made in this process; it may take for ever."""
    if keywords.is_plain(schema, at_any_speed=True):
        from responses_emulator.model.values import filling

        try:
            return filling.filled(schema, prompt, name=name)
        except OverBound:
            raise
        except ValueError:
            if not _can_judge():
                raise
    from responses_emulator.model.values import judged

    return judged.value(schema, prompt, name=name)


def calls(tool: Schema, prompt: str) -> list[Schema]:
    """The arguments of the calls that answer the prompt with this function tool.

    One call for each place, id or code that the prompt asks about, if the function
    takes one of them; else one call. Raises ValueError like `fill`.
    """
    parameters = as_dict(tool.get("parameters")) or {"type": "object"}
    prompts = _one_each(parameters, prompt)
    name = str(tool.get("name") or "")
    found = [_arguments(fill(parameters, each, name=name)) for each in prompts]
    return [each for at, each in enumerate(found) if each not in found[:at]]


def _arguments(value: Any) -> Schema:
    return cast(Schema, value) if isinstance(value, dict) else {}


def _one_each(parameters: Schema, prompt: str) -> list[str]:
    """The prompt once for each value of the kind that a function takes one of."""
    kinds: list[str | None] = []
    for name, value in as_dict(parameters.get("properties")).items():
        if "array" in types(as_dict(value)):
            continue
        kind = kind_of(Property(name))
        if set(name_words(name)) & {"latitude", "lat"}:
            kind = "place"
        kinds.append(kind)
    if kinds.count("place") == 1 or ("country" in kinds and "place" not in kinds):
        return people_and_places.one_place_each(prompt)
    for kind in ("id", "code"):
        if kinds.count(kind) == 1:
            return people_and_places.one_each(prompt, kind)
    return [prompt]
