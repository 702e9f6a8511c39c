"""The hosted tools: what the service runs itself while a response is being made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

from responses_emulator.programs.shell import Ran
from responses_emulator.signals import Signal


@dataclass(frozen=True)
class Hit:
    """A passage that file search found."""

    file_id: str
    filename: str
    score: float  # 0 to 1
    text: str
    attributes: dict[str, Any]


@dataclass(frozen=True)
class Skill:
    """A skill that is mounted in a container."""

    name: str
    description: str
    files: dict[str, bytes]  # by their paths within it


@dataclass(frozen=True)
class Kept:
    """What a container has kept of what a program left."""

    ids: dict[str, str]  # of the files, by their names
    not_kept: list[str]  # the names of the others
    session: bool  # False: there is no room


class Save(Protocol):
    """Keeps what a program has left in its container."""

    def __call__(
        self,
        written: Mapping[str, bytes],
        removed: Sequence[str],
        session: bytes | None,
    ) -> Kept:
        """Files by their names, and the dump of its session; None: as it was."""
        ...


@dataclass(frozen=True)
class Workspace:
    """A container as code interpreter and the hosted shell see it."""

    id: str
    files: dict[str, bytes]  # by their paths under /mnt/data, oldest first
    # The id of a file that was written; None where there is no room for it, or where a
    # container cannot have its name.
    keep: Callable[[str, bytes], str | None]
    skills: tuple[Skill, ...]
    # For code interpreter, which has one program after the other: each takes its turn,
    # and goes on with the session of the one before. The bounds are of all files.
    session: bytes
    most_files: int
    most_bytes: int
    save: Save
    turn: Lock


@dataclass(frozen=True)
class Printed:
    """What came of a program."""

    printed: str
    written: dict[str, str]  # the ids of the files that it wrote, by their names
    container_id: str


@dataclass(frozen=True)
class Commands:
    """What came of a call of the shell in a container."""

    ran: list[tuple[str, Ran]]  # each command
    written: list[str]  # files, by their paths
    workspace: Workspace  # as it was before


class McpServer(Protocol):
    """A remote MCP server. A tool is an entry of an `mcp_list_tools` item.

    Both take as long as the server does, and end when `stop` happens. Both raise
    `mcp.Failure`.
    """

    def list_tools(self, stop: Signal) -> list[dict[str, Any]]:
        """All its tools."""
        ...

    def call(self, name: str, arguments: dict[str, Any], stop: Signal) -> str:
        """The output of one call."""
        ...


class Hosted(Protocol):
    """What tools may do in the world, handed to them by the resources."""

    # Those of the request that its `tool_choice` leaves.
    tools: list[dict[str, Any]]
    # A real model that draws, if there is one: a prompt, the tool, what stops it, and
    # the picture to change.
    draw: Callable[[str, dict[str, Any], Signal, bytes | None], bytes] | None

    def search(self, tool: dict[str, Any], queries: list[str]) -> list[Hit]:
        """What a file search finds."""
        ...

    def container(self, tool: dict[str, Any]) -> Workspace:
        """The container of a tool: the same one for all calls of a response."""
        ...

    def mcp_server(self, tool: dict[str, Any]) -> McpServer:
        """The server of an MCP tool: the same connection for all of a response."""
        ...

    def close(self) -> None:
        """Leave all servers: the response has come to its end."""
        ...

    def seal(self, text: str) -> str:
        """The text, encrypted: what agents say to each other."""
        ...


# The names of one tool: the earlier ones are still served.
WEB_SEARCHES = (
    "web_search",
    "web_search_2025_08_26",
    "web_search_preview",
    "web_search_preview_2025_03_11",
)
IDENTITY = {
    "function": ("type", "name"),
    "custom": ("type", "name"),
    "mcp": ("type", "server_label"),
    "file_search": ("type",),
    "code_interpreter": ("type",),
    "image_generation": ("type",),
    "namespace": ("type", "name"),
    "tool_search": ("type",),
    "shell": ("type",),
    "local_shell": ("type",),
    "apply_patch": ("type",),
    "computer": ("type",),
    "computer_use_preview": ("type",),
    **dict.fromkeys(WEB_SEARCHES, ("type",)),
}


def offered(
    tools: list[dict[str, Any]], choice: str | dict[str, Any]
) -> list[dict[str, Any]]:
    """The tools among `tools` that a `tool_choice` leaves to the model."""
    if choice == "none":
        return []
    if isinstance(choice, str):
        return tools
    chosen: list[dict[str, Any]] = choice.get("tools", [choice])
    found: list[dict[str, Any]] = []
    for tool in tools:
        if any(_names(entry, tool) for entry in chosen):
            found.append(tool)
        elif tool["type"] == "namespace":
            inner = offered(tool["tools"], choice)
            found += [{**tool, "tools": inner}] if inner else []
    return found


def _names(choice: dict[str, Any], tool: dict[str, Any]) -> bool:
    return all(tool.get(key) == choice.get(key) for key in IDENTITY[tool["type"]])
