"""Which events may follow which in the stream of a response, and what they add up to.

The contracts say what an event looks like, and not when it comes. What is held here is
what the documentation of streaming says and recorded streams show: a response is
created, then each output item is added, grows and is done, part by part; deltas add up
to what is done; the last event has all that was done before.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = Any

LAST = {
    "response.completed": ("completed",),
    "response.incomplete": ("incomplete",),
    "response.failed": ("failed", "cancelled"),
}
BEGUN = ("response.created", "response.in_progress", "response.queued")
RUNNING = ("in_progress", "queued")
UNDER_WAY = ("in_progress", "searching", "generating", "interpreting")

# Where an item keeps its parts, by the name of the index in an event.
PARTS = {"content_index": "content", "summary_index": "summary"}
INDEXES = ("output_index", "command_index", *PARTS)
PART_EVENTS = {
    "response.content_part": "content_index",
    "response.reasoning_summary_part": "summary_index",
}


@dataclass(frozen=True)
class Family:
    """A text in pieces: `<name>.delta` and `<name>.done`."""

    whole: str | None  # the field of the last event that has all of the text
    index: str | None = None  # which of several texts of an item this is
    in_item: bool = True  # whether the item, once done, has the text, too


FAMILIES = {
    "response.output_text": Family("text", "content_index"),
    "response.refusal": Family("refusal", "content_index"),
    "response.reasoning_text": Family("text", "content_index"),
    "response.reasoning_summary_text": Family("text", "summary_index"),
    "response.function_call_arguments": Family("arguments"),
    "response.mcp_call_arguments": Family("arguments"),
    "response.custom_tool_call_input": Family("input"),
    "response.code_interpreter_call_code": Family("code"),
    "response.shell_call_command": Family("command", "command_index", in_item=False),
    "response.audio": Family(None),
    "response.audio.transcript": Family(None),
}
# A part of reasoning in the open is not always announced.
UNANNOUNCED = ("response.reasoning_text",)


@dataclass
class Text:
    """What the deltas of one text have added up to."""

    so_far: str = ""
    done: bool = False
    begun_before: bool = False  # so that its beginning is not known

    def is_in(self, whole: str) -> bool:
        """Whether the deltas make this text; its end, if the beginning is not known."""
        if self.begun_before:
            return whole.endswith(self.so_far)
        return whole == self.so_far


@dataclass
class Item:
    """An output item, from when it is added until it is done.

    `begun_before`: it was added before a stream that is taken up again, and no more is
    known of it than what this stream tells.
    """

    id: Json
    type: Json
    done: Json = None
    begun_before: bool = False
    texts: dict[tuple[str, Json], Text] = field(default_factory=dict)
    parts: dict[tuple[str, Json], Json] = field(default_factory=dict)  # None: not done
    annotations: dict[Json, list[Json]] = field(default_factory=dict)
    pictures: int = -1  # the index of the last partial one


Fault = tuple[str, str]  # the place in the event, and what is wrong there


@dataclass
class Order:
    """The events of one stream so far. `after` is the number a resumed one follows."""

    after: int | None = None
    number: int | None = None
    count: int = 0
    response: Json = None  # its id and time, which stay the same
    last: str | None = None  # the event that ended the stream
    items: dict[Json, Item] = field(default_factory=dict)

    @property
    def resumed(self) -> bool:
        return self.after is not None

    def next(self, kind: str, event: dict[str, Json]) -> Iterator[Fault]:
        """What is wrong with this event, which is of this type, at this moment."""
        yield from self.numbered(event.get("sequence_number"))
        if (kind == "response.created") != (self.count == 0) and not (
            self.resumed and kind != "response.created"
        ):
            yield "$.type", "the first event, and no other, is response.created"
        self.count += 1
        if self.last:
            yield "$.type", f"comes after {self.last}"
        if isinstance(event.get("response"), dict):
            yield from self.of_response(kind, event["response"])
        if kind in LAST:
            yield from self.ends(kind, event)
        elif wrong := [i for i in INDEXES if not isinstance(event.get(i, 0), int)]:
            for name in wrong:
                yield f"$.{name}", f"{event[name]!r} is no number"
        elif kind == "response.output_item.added":
            yield from self.added(event)
        elif kind == "response.output_item.done":
            yield from self.item_done(event)
        elif "output_index" in event:
            yield from self.within(kind, event)

    def end(self) -> Iterator[Fault]:
        """What is wrong with the stream if no event follows."""
        if not self.count and self.resumed:
            return  # taken up again after its last event
        if not self.count:
            yield "$", "the stream has no events"
        elif not self.last:
            yield "$", f"the stream ends without one of {', '.join(LAST)}"

    def numbered(self, number: Json) -> Iterator[Fault]:
        if not isinstance(number, int) or isinstance(number, bool):
            return
        before = self.number
        if before is None:
            before = -1 if self.after is None else self.after
        if number != before + 1:
            yield "$.sequence_number", f"{number} follows {before}"
        self.number = max(number, before)

    def of_response(self, kind: str, response: dict[str, Json]) -> Iterator[Fault]:
        same = {key: response.get(key) for key in ("id", "created_at")}
        if self.response is None:
            self.response = same
        for key, value in same.items():
            if value != self.response[key]:
                yield f"$.response.{key}", f"{value!r} was {self.response[key]!r}"
        allowed = RUNNING if kind in BEGUN else LAST.get(kind)
        status = response.get("status")
        if allowed and status not in allowed:
            yield "$.response.status", f"{status!r} is not one of {sorted(allowed)}"

    # Items

    def added(self, event: dict[str, Json]) -> Iterator[Fault]:
        index, item = event.get("output_index"), event.get("item")
        if not isinstance(item, dict) or index is None:
            return
        if index in self.items:
            yield "$.output_index", f"item {index} was added before"
        elif index != len(self.items) and not self.resumed:
            yield "$.output_index", f"{index}, and {len(self.items)} is next"
        id = item.get("id")
        others = (one.id for i, one in self.items.items() if i != index)
        if id is not None and id in others:
            yield "$.item.id", f"{id!r} is another item's"
        self.items[index] = Item(id, item.get("type"))

    def known(self, event: dict[str, Json], id: Json, place: str) -> Iterator[Fault]:
        """Whether the item that an event is about was added, under this id."""
        index = event.get("output_index")
        item = self.items.get(index)
        if item is None:
            if not self.resumed:
                yield "$.output_index", f"item {index} was not added"
        elif id is not None and item.id is not None and id != item.id:
            yield place, f"{id!r}, and item {index} is {item.id!r}"

    def within(self, kind: str, event: dict[str, Json]) -> Iterator[Fault]:
        yield from self.known(event, event.get("item_id"), "$.item_id")
        item = self.items.get(event["output_index"])
        if item is None:
            if not self.resumed:
                return  # which has been said
            item = Item(event.get("item_id"), None, begun_before=True)
            self.items[event["output_index"]] = item
        if item.done is not None:
            yield "$.output_index", "comes after its item was done"
        family, _, step = kind.rpartition(".")
        if family in FAMILIES and step in ("delta", "done"):
            yield from self.of_text(family, step, item, event)
        elif family in PART_EVENTS and step == "added":
            yield from self.part_added(PART_EVENTS[family], item, event)
        elif family in PART_EVENTS and step == "done":
            yield from self.part_done(PART_EVENTS[family], item, event)
        elif kind == "response.output_text.annotation.added":
            noted = item.annotations.setdefault(event.get("content_index"), [])
            if event.get("annotation_index") != len(noted) and not self.resumed:
                yield "$.annotation_index", f"{len(noted)} is next"
            noted.append(event.get("annotation"))
        elif kind == "response.image_generation_call.partial_image":
            index = event.get("partial_image_index")
            if isinstance(index, int):
                if index <= item.pictures:
                    yield "$.partial_image_index", f"{index} follows {item.pictures}"
                item.pictures = index

    def of_text(
        self, name: str, step: str, item: Item, event: dict[str, Json]
    ) -> Iterator[Fault]:
        family = FAMILIES[name]
        index = event.get(family.index) if family.index else None
        begun_before = item.begun_before
        if family.index in PARTS:
            part = (PARTS[family.index], index)
            begun_before = begun_before and part not in item.parts
            if part not in item.parts:
                if name not in UNANNOUNCED and not begun_before:
                    yield f"$.{family.index}", f"part {index} was not added"
            elif item.parts[part] is not None:
                yield f"$.{family.index}", f"comes after part {index} was done"
        text = item.texts.setdefault((name, index), Text(begun_before=begun_before))
        if text.done:
            yield "$.type", f"comes after {name}.done"
        if step == "delta":
            if isinstance(event.get("delta"), str):
                text.so_far += event["delta"]
            return
        text.done = True
        whole = event.get(family.whole) if family.whole else None
        if isinstance(whole, str) and not text.is_in(whole):
            yield f"$.{family.whole}", f"its deltas make {text.so_far!r}"
        elif isinstance(whole, str):
            text.so_far, text.begun_before = whole, False

    def part_added(
        self, index_name: str, item: Item, event: dict[str, Json]
    ) -> Iterator[Fault]:
        index, kept_in = event.get(index_name), PARTS[index_name]
        count = sum(where == kept_in for where, _ in item.parts)
        if (kept_in, index) in item.parts:
            yield f"$.{index_name}", f"part {index} was added before"
        elif index != count and not self.resumed:
            yield f"$.{index_name}", f"{index}, and {count} is next"
        item.parts[kept_in, index] = None

    def part_done(
        self, index_name: str, item: Item, event: dict[str, Json]
    ) -> Iterator[Fault]:
        index, key = event.get(index_name), (PARTS[index_name], event.get(index_name))
        if key not in item.parts:
            if not item.begun_before:
                yield f"$.{index_name}", f"part {index} was not added"
        elif item.parts[key] is not None:
            yield f"$.{index_name}", f"part {index} was done before"
        part = event.get("part")
        part = part if isinstance(part, dict) else {}
        item.parts[key] = part
        for (name, text_index), text in item.texts.items():
            family = FAMILIES[name]
            if family.index != index_name or text_index != index:
                continue
            if not text.done:
                yield f"$.{index_name}", f"comes before {name}.done"
            whole = part.get(family.whole)
            if isinstance(whole, str) and not text.is_in(whole):
                yield f"$.part.{family.whole}", f"its deltas make {text.so_far!r}"
        noted = item.annotations.get(index, [])
        told = part.get("annotations", noted)
        if noted != told and not self.resumed:
            yield "$.part.annotations", f"those that were added are {noted!r}"

    def item_done(self, event: dict[str, Json]) -> Iterator[Fault]:
        index, done = event.get("output_index"), event.get("item")
        if not isinstance(done, dict) or index is None:
            return
        yield from self.known(event, done.get("id"), "$.item.id")
        if index not in self.items:
            self.items[index] = Item(done.get("id"), done.get("type"), done)
            return
        item = self.items[index]
        if item.done is not None:
            yield "$.output_index", f"item {index} was done before"
        if done.get("type") != item.type and not item.begun_before:
            yield "$.item.type", f"was added as {item.type!r}"
        if done.get("status") in UNDER_WAY:
            yield "$.item.status", f"a done item is {done['status']!r}"
        item.done = done
        cut = done.get("status") == "incomplete"  # then some ends may be missing
        yield from self.texts_of(item, cut)
        yield from self.parts_of(item, cut)

    def texts_of(self, item: Item, cut: bool) -> Iterator[Fault]:
        for (name, index), text in item.texts.items():
            family = FAMILIES[name]
            if not text.done and not cut:
                yield "$", f"comes before {name}.done"
            if not family.in_item or not family.whole:
                continue
            holder = item.done
            if family.index in PARTS:
                holder = _part(item.done, PARTS[family.index], index)
            whole = holder.get(family.whole) if isinstance(holder, dict) else None
            there = isinstance(whole, str) and text.is_in(whole)
            if not there and (isinstance(whole, str) or text.so_far):
                yield "$.item", f"has {whole!r} where deltas make {text.so_far!r}"

    def parts_of(self, item: Item, cut: bool) -> Iterator[Fault]:
        for (kept_in, index), part in item.parts.items():
            place = f"$.item.{kept_in}[{index}]"
            if part is None and not cut:
                yield place, "was added and is not done"
            elif part is not None and part != _part(item.done, kept_in, index):
                yield place, f"is not the part that was done: {part!r}"
        # Reasoning may have more in it than is shown while it streams.
        kept_in = {"message": "content", "reasoning": "summary"}.get(str(item.type))
        parts = item.done.get(kept_in)
        if isinstance(parts, list) and not self.resumed:
            added = sum(where == kept_in for where, _ in item.parts)
            if len(parts) != added:
                yield f"$.item.{kept_in}", f"{len(parts)} parts, {added} were added"

    # The end

    def ends(self, kind: str, event: dict[str, Json]) -> Iterator[Fault]:
        self.last = self.last or kind
        response = event.get("response")
        if not isinstance(response, dict):
            return
        if kind != "response.failed":  # which may leave anything as it was
            yield from self.output(response.get("output"))
        status = response.get("status")
        if status == "failed" and response.get("error") is None:
            yield "$.response.error", "a failed response has one"
        if kind == "response.completed" and response.get("error") is not None:
            yield "$.response.error", "a completed response has none"
        needed = {
            "response.completed": "usage",
            "response.incomplete": "incomplete_details",
        }.get(kind)
        if needed and response.get(needed) is None:
            yield f"$.response.{needed}", f"is missing from {kind}"

    def output(self, output: Json) -> Iterator[Fault]:
        for index, item in self.items.items():
            if item.done is None:
                yield "$.response.output", f"item {index} was added and is not done"
        done = [item.done for _, item in sorted(self.items.items()) if item.done]
        if isinstance(output, list) and output != done and not self.resumed:
            pairs = zip(output, done, strict=False)
            differing = [i for i, (one, other) in enumerate(pairs) if one != other]
            place = f"$.response.output{differing[:1] or ''}"
            yield place, f"{len(output)} items, not the {len(done)} that were done"


def _part(item: Json, kept_in: str, index: Json) -> Json:
    parts = item.get(kept_in)
    if isinstance(parts, list) and isinstance(index, int) and 0 <= index < len(parts):
        return parts[index]
    return None
