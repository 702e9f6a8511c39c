"""What a model says, step by step, and what came of its calls.

`protocol` says what a model is.
"""

from dataclasses import dataclass
from typing import Any, final

from responses_emulator.model.items import Item


@final
@dataclass(slots=True)
class Text:
    """A piece of the answer; those in a row make one message.

    `annotations` are what the message cites, in the API's shapes; their places count
    from the beginning of the message. `logprobs` are those of the piece's tokens, of a
    model that has them and was asked.
    """

    text: str
    annotations: tuple[Item, ...] = ()
    logprobs: tuple[Item, ...] = ()


@final
@dataclass(slots=True)
class Refusal:
    """A piece of a refusal, which is the whole of its message."""

    text: str


@final
@dataclass(slots=True)
class Reasoning:
    """A piece of a reasoning summary; those in a row make one reasoning item.

    `part` tells the parts of a summary from each other. `tokens` is what the thoughts
    took; an empty text has them make an item without a summary, None none at all. The
    summary goes out where the caller has asked for one.
    """

    text: str | None = ""
    tokens: int = 0
    part: int = 0


@final
@dataclass(slots=True)
class Call:
    """A call of a tool of `turn.tools`; one of another tool is not made.

    `type` is the tool's. `arguments` are, by type:

    - `function`: its arguments, and `custom`: a text; with `name`, in a namespace also
      with `owner`, its name;
    - `mcp`: its arguments, with `name`, and `owner` is the server's label;
    - `file_search`: `{"queries": [...]}`;
    - `web_search` (whatever version): `{"type": "search", "query": ...}` or
      `{"type": "open_page", "url": ...}`;
    - `code_interpreter`: `{"code": ...}`;
    - `image_generation`: `{"prompt": ...}`; with `"changes": [...]`, those made to it
      since; with `"over": bytes`, a picture to draw on;
    - `shell`: `{"commands": [...]}`, `local_shell`: `{"command": [...]}`;
    - `apply_patch`: `{"operation": {...}}`; `computer`: `{"actions": [...]}`;
    - `tool_search`: what the caller's search takes, or `{"paths": [...]}`;
    - `multi_agent`: `spawn_agent` with `{"agent_name", "message"}`, or `wait_agent`
      with `{"agent_names": [...]}`, as `name`.
    """

    type: str
    arguments: Any
    name: str = ""
    owner: str = ""


@final
@dataclass(slots=True)
class Writing:
    """A piece of the arguments of a call, while the model writes them.

    `type` is `function` or `custom`, the rest is as in the `Call`, which comes next
    when all of it is written. A model that gives whole calls alone loses nothing by it.
    """

    text: str
    type: str
    name: str
    owner: str = ""


@final
@dataclass(slots=True)
class Usage:
    """What this sampling took, of a model that counts; else it is estimated."""

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int = 0
    cached_tokens: int | None = None  # None: as the emulator's prompt cache has it


@final
@dataclass(slots=True)
class Cut:
    """It ends here, before its end: the reason is the API's `incomplete_details`.

    `calls` are those that it was about to make, and has not told yet. Their arguments
    are what was written by then: the text of a function's, of a custom tool's and of a
    server's tool, and a hosted tool's own as far as they could be read.
    """

    reason: str = "max_output_tokens"
    calls: tuple[Call, ...] = ()


@final
@dataclass(slots=True)
class Whole:
    """An output item that goes out as it is: a reply that somebody has written."""

    item: Item


Step = Text | Refusal | Reasoning | Writing | Call | Usage | Cut | Whole


@final
@dataclass(slots=True)
class Result:
    """What came of a call in this response.

    `items` are what went out of it, in the API's shapes. `found` is what the tool
    returned, by the call's type:

    - `file_search`: a list of `tools.Hit`, the best first;
    - `web_search`: a list of pages with `title`, `url` and `content`;
    - `code_interpreter`: a `tools.Printed`;
    - `shell` in a container: a `tools.Commands`;
    - `mcp`: the output, or None where it failed;
    - `tool_search`: the tools that were found, which can be called now;
    - `multi_agent`, of `wait_agent`: what each agent has said, in the order asked for.

    `refused`: the caller was asked for approval, and did not give it.
    """

    call: Call
    items: tuple[Item, ...] = ()
    found: Any = None
    refused: bool = False
