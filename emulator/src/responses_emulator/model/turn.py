"""What the stand-in model sees of a request: the whole conversation and its tools.

Nothing here knows of HTTP or of the store: files and pictures have been fetched, and
earlier responses have been unrolled into `items`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from responses_emulator.model.context.history import Digest
from responses_emulator.model.items import Item, is_special, said_in, text_of
from responses_emulator.model.prompt.words import listed
from responses_emulator.model.steps import Result
from responses_emulator.tools import Workspace

MAX_NAMED = 10  # pages that are named one by one


@dataclass(frozen=True)
class Document:
    """A file that came with the prompt, as text; pages are counted from 1."""

    filename: str
    pages: tuple[str, ...]  # one string a page; a text file is one page
    damaged: tuple[int, ...] = ()  # pages that cannot be read, or not wholly
    pictures: tuple[int, ...] = ()  # pages that show something, but no text
    # The `input_file` that it is, one of those in the turn's items.
    part: Item | None = field(default=None, compare=False, repr=False)

    @property
    def has_text(self) -> bool:
        """Whether there is anything to read."""
        return any(page.strip() for page in self.pages)

    @property
    def unread(self) -> str:
        """What of it is not read, in a sentence; an empty string if all of it is."""
        told: list[str] = []
        if self.damaged:
            told.append(f"{self._named(self.damaged)} cannot be read.")
        if self.pictures and self.has_text:
            told.append(
                f"{self._named(self.pictures)}: pictures without text, and what is on "
                "them is not read."
            )
        if told:
            return " ".join(told)
        if self.pictures:
            return (
                f"{self.filename} has no text: it shows pictures, as a scan does, and "
                "what is on them is not read."
            )
        return "" if self.has_text else f"{self.filename} has no text: it is blank."

    def _named(self, numbers: tuple[int, ...]) -> str:
        """Some of its pages; a file of Word has none that could be told apart."""
        if self.filename.lower().endswith(".docx"):
            return f"A part of {self.filename}"
        return f"{_pages(numbers)} of {self.filename}"


def _pages(numbers: tuple[int, ...]) -> str:
    """Say "Page 3", or "Pages 1, 2 and 7"; of very many the first."""
    named = [str(number) for number in numbers[:MAX_NAMED]]
    if len(numbers) > MAX_NAMED:
        named.append(f"{len(numbers) - MAX_NAMED} more")
    return f"Page{'s' * (len(named) > 1)} {listed(named)}"


@dataclass(frozen=True)
class Picture:
    """A picture that came with the prompt: its bytes, or a URL that is not fetched."""

    content: bytes | None
    url: str | None = None


def no_picture(_part: Item) -> Picture | None:
    """There are no pictures."""
    return None


def no_workspace(_tool: Item) -> Workspace:
    """There is no container."""
    raise LookupError("There is no container.")


# Functions: to call `list[Item]` takes several times as long.
def _no_items() -> list[Item]:
    return []


def _nothing() -> Item:
    return {}


def _no_servers() -> dict[str, list[Item]]:
    return {}


@dataclass(slots=True)
class Turn:
    """One call of the model."""

    items: list[Item]  # input and earlier output, oldest first, in the API's shapes
    instructions: str | None = None
    tools: list[Item] = field(default_factory=_no_items)
    researches: bool = False  # it searches the web, and thoroughly
    subagents: int | None = None  # that may be active at once; None: there are none
    format: Item = field(default_factory=lambda: {"type": "text"})  # text.format
    reasoning: Item | None = None  # with the effort; None: the model does not reason
    deployment: str = ""  # that was asked
    # What else the request says of how to answer, as the API has it: `temperature`,
    # `top_p`, `max_output_tokens`, `top_logprobs`, `parallel_tool_calls`, `include`,
    # `stream`, and of `reasoning` and `text` what was asked for, without any default.
    settings: Item = field(default_factory=_nothing)
    tells_phase: bool = False  # whether a message says if it is the final answer
    folded: int = 0  # of `items`, those that a compaction stands for
    folded_documents: int = 0  # of `documents`, those that came with them
    documents: Sequence[Document] = ()  # of all turns
    pictures: Sequence[Picture] = ()  # of this turn
    digest: Digest | None = None  # of the items, where they are a history as it is

    must_call: bool = False  # nothing but a call of one of `tools` comes next
    # What came of the calls in this response so far, in their order.
    results: Sequence[Result] = ()
    # The tools of MCP servers that may be called now, by the servers' labels.
    servers: dict[str, list[Item]] = field(default_factory=_no_servers)
    # The picture that an `input_image`, or a screenshot, of any item is; None where it
    # is not there any more.
    picture: Callable[[Item], Picture | None] = no_picture
    # What lies in the container of a tool, which is made when somebody looks.
    workspace: Callable[[Item], Workspace] = no_workspace

    prompt: str = field(init=False, default="")  # the text of the newest user message
    # The items after it: calls and their results.
    since_prompt: list[Item] = field(init=False)

    def __post_init__(self) -> None:
        """Find the newest user message: everything is about that."""
        self.go_on_from(self.items)

    def go_on_from(self, items: list[Item]) -> None:
        """Have these items in place of what there was."""
        self.items = self.since_prompt = items
        self.prompt = ""
        for index in range(len(items) - 1, -1, -1):
            if items[index].get("role") == "user":
                self.prompt = text_of(items[index])
                self.since_prompt = items[index + 1 :]
                break

    @property
    def wants_summary(self) -> bool:
        """Whether the caller has asked to hear of the reasoning."""
        asked = self.reasoning or {}
        return bool(asked.get("summary") or asked.get("generate_summary"))

    @property
    def brings_a_file(self) -> bool:
        """Whether the newest user message comes with a file."""
        for item in reversed(self.items):
            if item.get("role") == "user":
                return any(part["type"] == "input_file" for part in item["content"])
        return False

    @property
    def said_before(self) -> list[str]:
        """All earlier user messages, oldest first, as `said_in` gives them."""
        if self.digest:
            return self.digest.said_before
        said = [said_in(item) for item in self.items if item.get("role") == "user"]
        return said[:-1]

    @property
    def special(self) -> list[Item]:
        """The items that are no plain messages and no thoughts: few, in most chats."""
        if self.digest:
            return self.digest.special
        return [item for item in self.items if is_special(item)]
