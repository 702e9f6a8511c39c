"""The server-sent events of a response, in the service's order.

`events_of` writes the whole sequence of one response; `sequence_number` counts from 0.
Each output item arrives complete and is unfolded here into the events that lead to it.
Source: the transcripts recorded from Azure, and the published contract.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from responses_emulator.signals import Pause

Json = dict[str, Any]

# A token of the stand-in model: a word or a run of marks, with the space before it.
TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]+|\s+$")
OBFUSCATION = "xK3vQz8mTb1wLr6d"  # pads deltas to even lengths; means nothing


def number(events: Iterable[Json | Pause]) -> Iterator[Json | Pause]:
    """The events with `sequence_number` added; pauses have none."""
    numbers = count()
    for event in events:
        if isinstance(event, Pause):
            yield event
            continue
        yield {
            "type": event["type"],
            "sequence_number": next(numbers),
            **event,
        }


def lifecycle(type: str, response: Json) -> Json:
    """`response.created`, `.queued`, `.in_progress`, `.completed`, ..."""
    return {"type": f"response.{type}", "response": response}


def of_item(item: Json, index: int, *, obfuscate: bool = True) -> Iterator[Json]:
    """The events from `output_item.added` to `output_item.done` of one item."""
    place = {"item_id": item["id"], "output_index": index}
    begin, middle = _UNFOLD[item["type"]](item, place)
    begun = {**item, **begin}
    for name in _AT_LAST.get(item["type"], ()):
        begun.pop(name, None)
    yield {
        "type": "response.output_item.added",
        "output_index": index,
        "item": begun,
    }
    yield from _obfuscated(middle) if obfuscate else middle
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def _obfuscated(events: Iterable[Json]) -> Iterator[Json]:
    for event in events:
        if isinstance(event.get("delta"), str):
            event["obfuscation"] = OBFUSCATION[len(event["delta"]) % 16 :]
        yield event


class OfGrowing:
    """The events of an item that comes piece by piece.

    They are those that `of_item` has for it as a whole.
    """

    def __init__(self, item: Json, index: int, *, obfuscate: bool) -> None:
        """An item that has just begun."""
        self._item = item
        self._index = index
        self._obfuscate = obfuscate
        self._place = {"item_id": item["id"], "output_index": index}
        self._is_message = item["type"] == "message"
        self._written = _WRITTEN.get(item["type"])
        self._summaries: list[str] = []  # the parts of a reasoning item so far

    def begin(self) -> Iterator[Json]:
        """It begins."""
        begin, _ = _UNFOLD[self._item["type"]](self._item, self._place)
        yield {
            "type": "response.output_item.added",
            "output_index": self._index,
            "item": {**self._item, **begin},
        }
        if self._is_message:
            yield _part_begins(self._item["content"][0], self._part_place)

    def go_on(self, text: str, part: int, logprobs: Sequence[Json]) -> Iterator[Json]:
        """One more piece; of a reasoning item, of this part of the summary."""
        if self._is_message:
            said = self._item["content"][0]
            events = _part_goes_on(said, text, self._part_place, logprobs)
        elif self._written:
            events = _writing_goes_on(self._written, text, self._place)
        else:
            events = self._reasons_on(text, part)
        return _obfuscated(events) if self._obfuscate else events

    def end(self, item: Json) -> Iterator[Json]:
        """It is whole, and this is it, as the caller asked to see it."""
        if self._is_message:
            yield from _part_ends(item["content"][0], self._part_place)
        elif self._written:
            yield _writing_ends(self._written, item, self._place)
        elif self._summaries:
            yield from _summary_ends(self._summaries[-1], self._summary_place)
        yield {
            "type": "response.output_item.done",
            "output_index": self._index,
            "item": item,
        }

    def _reasons_on(self, text: str, part: int) -> Iterator[Json]:
        if self._part != part:
            if self._summaries:
                yield from _summary_ends(self._summaries[-1], self._summary_place)
            self._part = part
            self._summaries.append("")
            yield _summary_begins(self._summary_place)
        self._summaries[-1] += text
        yield from _summary_goes_on(text, self._summary_place)

    _part: int | None = None  # of the summary

    @property
    def _part_place(self) -> Json:
        return {**self._place, "content_index": 0}

    @property
    def _summary_place(self) -> Json:
        return {**self._place, "summary_index": len(self._summaries) - 1}


def tokens(text: str) -> list[str]:
    """The pieces in which a text is streamed; joined, they are the text."""
    return TOKEN.findall(text)


def _message(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    def middle() -> Iterator[Json]:
        for index, part in enumerate(item["content"]):
            yield from _content_part(part, {**place, "content_index": index})

    return {"content": [], "status": "in_progress"}, middle()


def _content_part(part: Json, place: Json) -> Iterator[Json]:
    kind = "refusal" if part["type"] == "refusal" else "text"
    yield _part_begins(part, place)
    yield from _part_goes_on(part, part[kind], place, part.get("logprobs", ()))
    yield from _part_ends(part, place)


def _part_begins(part: Json, place: Json) -> Json:
    kind = "refusal" if part["type"] == "refusal" else "text"
    empty = {**part, kind: ""}
    if kind == "text":
        empty |= {"annotations": [], "logprobs": []}
    return {"type": "response.content_part.added", **place, "part": empty}


def _part_goes_on(
    part: Json, text: str, place: Json, logprobs: Sequence[Json]
) -> Iterator[Json]:
    """A delta for each token; of their log probabilities, where they were asked for."""
    is_refusal = part["type"] == "refusal"
    name = "response.refusal" if is_refusal else "response.output_text"
    extra: Json = {} if is_refusal else {"logprobs": []}
    deltas = tokens(text)
    if logprobs and len(logprobs) != len(deltas):  # a model's own tokens are others
        extra = {"logprobs": [_without_bytes(entry) for entry in logprobs]}
        yield {"type": f"{name}.delta", **place, "delta": text, **extra}
        return
    for index, delta in enumerate(deltas):
        if logprobs:
            extra = {"logprobs": [_without_bytes(logprobs[index])]}
        yield {"type": f"{name}.delta", **place, "delta": delta, **extra}


def _part_ends(part: Json, place: Json) -> Iterator[Json]:
    is_refusal = part["type"] == "refusal"
    kind = "refusal" if is_refusal else "text"
    name = "response.refusal" if is_refusal else "response.output_text"
    # An event's log probabilities have no bytes.
    likely: list[Json] = [_without_bytes(entry) for entry in part.get("logprobs", ())]
    extra: Json = {} if is_refusal else {"logprobs": likely}
    for index, annotation in enumerate(part.get("annotations", [])):
        yield {
            "type": "response.output_text.annotation.added",
            **place,
            "annotation_index": index,
            "annotation": annotation,
        }
    yield {"type": f"{name}.done", **place, kind: part[kind], **extra}
    yield {"type": "response.content_part.done", **place, "part": part}


def _without_bytes(entry: Json) -> Json:
    shown = {name: value for name, value in entry.items() if name != "bytes"}
    if "top_logprobs" in shown:
        shown["top_logprobs"] = [_without_bytes(top) for top in shown["top_logprobs"]]
    return shown


def _reasoning(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    def middle() -> Iterator[Json]:
        for index, part in enumerate(item["summary"]):
            here = {**place, "summary_index": index}
            yield _summary_begins(here)
            yield from _summary_goes_on(part["text"], here)
            yield from _summary_ends(part["text"], here)

    return {"summary": []}, middle()


def _summary_begins(place: Json) -> Json:
    part = {"type": "summary_text", "text": ""}
    return {"type": "response.reasoning_summary_part.added", **place, "part": part}


def _summary_goes_on(text: str, place: Json) -> Iterator[Json]:
    for delta in tokens(text):
        yield {
            "type": "response.reasoning_summary_text.delta",
            **place,
            "delta": delta,
        }


def _summary_ends(text: str, place: Json) -> Iterator[Json]:
    name = "response.reasoning_summary"
    yield {"type": f"{name}_text.done", **place, "text": text}
    part = {"type": "summary_text", "text": text}
    yield {"type": f"{name}_part.done", **place, "part": part}


def _function_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    begin: Json = {"arguments": "", "status": "in_progress"}
    return begin, _writing(_ARGUMENTS, item, place)


def _custom_tool_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    return {"input": ""}, _writing(_INPUT, item, place)


class Written(NamedTuple):
    """What a model writes for a call: the name of its events, and of its property."""

    event: str
    property: str


# OpenAI's contract has a function's name in what ends its arguments, too; recordings of
# Azure have none (vercel/ai, azure-tool-call, February 2026, and azure-tool-search,
# March).
_ARGUMENTS = Written("response.function_call_arguments", "arguments")
_INPUT = Written("response.custom_tool_call_input", "input")
_OF_SERVER = Written("response.mcp_call_arguments", "arguments")
_WRITTEN = {"function_call": _ARGUMENTS, "custom_tool_call": _INPUT}


def _writing(written: Written, item: Json, place: Json) -> Iterator[Json]:
    yield from _writing_goes_on(written, item[written.property], place)
    yield _writing_ends(written, item, place)


def _writing_goes_on(written: Written, text: str, place: Json) -> Iterator[Json]:
    for delta in tokens(text):
        yield {"type": f"{written.event}.delta", **place, "delta": delta}


def _writing_ends(written: Written, item: Json, place: Json) -> Json:
    whole = {written.property: item[written.property]}
    return {"type": f"{written.event}.done", **place, **whole}


def _shell_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    name = "response.shell_call_command"
    commands: list[str] = item["action"]["commands"]

    def middle() -> Iterator[Json]:
        for index, command in enumerate(commands):
            # These events name no item.
            here = {"output_index": place["output_index"], "command_index": index}
            yield {"type": f"{name}.added", **here, "command": ""}
            for delta in tokens(command):
                yield {"type": f"{name}.delta", **here, "delta": delta}
            yield {"type": f"{name}.done", **here, "command": command}

    action: Json = {**item["action"], "commands": []}
    return {"status": "in_progress", "action": action}, middle()


def _shell_call_output(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    name = "response.shell_call_output_content"

    def middle() -> Iterator[Json]:
        for index, output in enumerate(item["output"]):
            here = {**place, "command_index": index}
            for stream in ("stdout", "stderr"):
                if output[stream]:
                    delta = {stream: output[stream]}
                    yield {"type": f"{name}.delta", **here, "delta": delta}
            yield {"type": f"{name}.done", **here, "output": [output]}

    return {"status": "in_progress", "output": []}, middle()


def _file_search_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    steps = ("in_progress", "searching", "completed")
    if item["status"] == "incomplete":  # it was not written to its end
        steps = steps[:1]
    begin: Json = {"status": "in_progress", "queries": [], "results": None}
    return begin, _steps("response.file_search_call", steps, place)


def _code_interpreter_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    name = "response.code_interpreter_call"

    def middle() -> Iterator[Json]:
        yield {"type": f"{name}.in_progress", **place}
        for delta in tokens(item["code"]):
            yield {"type": f"{name}_code.delta", **place, "delta": delta}
        yield {"type": f"{name}_code.done", **place, "code": item["code"]}
        if item["status"] == "incomplete":  # it was not written to its end
            return
        yield {"type": f"{name}.interpreting", **place}
        if item["status"] == "completed":  # there is no event for one that has failed
            yield {"type": f"{name}.completed", **place}

    return {"status": "in_progress", "code": "", "outputs": None}, middle()


def _image_generation_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    name = "response.image_generation_call"

    def middle() -> Iterator[Json]:
        yield from _steps(name, ("in_progress", "generating"), place)
        for index in range(getattr(item, "previews", 0)):
            yield {
                "type": f"{name}.partial_image",
                **place,
                "partial_image_index": index,
                "partial_image_b64": _preview(item, index),
                **{key: item[key] for key in _OF_EACH_PICTURE},
            }
        yield {"type": f"{name}.completed", **place}

    return {"status": "in_progress", "result": None}, middle()


# What a picture is told to have; at first nothing of it is known.
_OF_EACH_PICTURE = ("size", "quality", "background", "output_format")
_AT_LAST = {"image_generation_call": (*_OF_EACH_PICTURE, "revised_prompt")}


def _preview(item: Json, index: int) -> str:
    from responses_emulator.tools import drawing  # only where there are pictures

    picture = b64decode(item["result"])
    preview = drawing.preview(picture, index, getattr(item, "output_format", "png"))
    return b64encode(preview).decode()


def _web_search_call(_item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    # A recording of 2025 ends with `searching`; the contract has a third step.
    steps = ("in_progress", "searching", "completed")
    begin: Json = {"status": "in_progress", "action": {"type": "search", "query": ""}}
    return begin, _steps("response.web_search_call", steps, place)


def _mcp_list_tools(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    failed = bool(item.get("error"))
    steps = ("in_progress", "failed" if failed else "completed")
    begin: Json = {"tools": [], "error": None} if failed else {"tools": []}
    return begin, _steps("response.mcp_list_tools", steps, place)


def _mcp_call(item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    def middle() -> Iterator[Json]:
        yield {"type": "response.mcp_call.in_progress", **place}
        yield from _writing(_OF_SERVER, item, place)
        if item["status"] == "incomplete":  # it was not written to its end
            return
        end = "failed" if item["error"] else "completed"
        yield {"type": f"response.mcp_call.{end}", **place}

    begin = {"arguments": "", "output": None, "error": None, "status": "in_progress"}
    return begin, middle()


def _compaction(_item: Json, place: Json) -> tuple[Json, Iterator[Json]]:
    return {}, _steps("response.compaction", ("compacting",), place)


def _at_once(_item: Json, _place: Json) -> tuple[Json, Iterator[Json]]:
    return {}, iter(())


def _steps(name: str, steps: tuple[str, ...], place: Json) -> Iterator[Json]:
    for step in steps:
        yield {"type": f"{name}.{step}", **place}


_UNFOLD = {
    "message": _message,
    "reasoning": _reasoning,
    "function_call": _function_call,
    "custom_tool_call": _custom_tool_call,
    "file_search_call": _file_search_call,
    "code_interpreter_call": _code_interpreter_call,
    "image_generation_call": _image_generation_call,
    "web_search_call": _web_search_call,
    "mcp_list_tools": _mcp_list_tools,
    "mcp_call": _mcp_call,
    "mcp_approval_request": _at_once,
    "shell_call": _shell_call,
    "shell_call_output": _shell_call_output,
    "local_shell_call": _at_once,
    "apply_patch_call": _at_once,
    "computer_call": _at_once,
    "tool_search_call": _at_once,
    "tool_search_output": _at_once,
    "compaction": _compaction,
    "multi_agent_call": _at_once,
    "multi_agent_call_output": _at_once,
    "agent_message": _at_once,
}
