"""What a model is told of each hosted tool, what it takes, and what a call means."""

from base64 import b64decode
from collections.abc import Callable
from typing import Any, NamedTuple

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import listed as as_prose
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Turn
from responses_emulator.programs.shell import COMMANDS
from responses_emulator.tools import code_interpreter, tool_search
from responses_emulator.tools.multi_agent import ROOT

TEXT: Item = {"type": "string"}
TEXTS: Item = {"type": "array", "items": TEXT}
FOLDER = "/mnt/data"


def object_of(properties: Item, *optional: str) -> Item:
    """The schema of an object that has these properties."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required}


def text(value: Any) -> str:
    """A text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def texts(value: Any) -> list[str]:
    """A list of texts; one that stands alone is a list of it. Raises TypeError."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is no list of texts")
    return [text(each) for each in value]  # pyright: ignore[reportUnknownVariableType]


Describe = Callable[[Turn, Item], str]
Make = Callable[[Any], Call]


class Tool(NamedTuple):
    """A hosted tool, as a model gets to know it."""

    describe: Describe
    takes: Callable[[Item], Item]  # the schema of its arguments
    maker: Callable[[Turn, Item], Make]


def custom_description(described: str, format: Item) -> str:
    """What is said of a custom tool: a grammar can only be described."""
    if format.get("type") != "grammar":
        return described
    kind = {"lark": "Lark grammar", "regex": "regular expression"}
    return (
        f"{described}\n\nThe input has to match this {kind[format['syntax']]} as a "
        f"whole:\n\n{format['definition']}"
    ).strip()


# What each says, and takes


def _file_search(_turn: Turn, _tool: Item) -> str:
    return (
        "Search the user's files. Gives passages, the best first, each with the name "
        "of its file. Search before you answer anything that the files may say. Repeat "
        "the words of the passages where you rely on them."
    )


def _code_interpreter(turn: Turn, tool: Item) -> str:
    told = (
        f"{code_interpreter.description()} To give the user a file that a program "
        f"wrote there, link to it in your answer: [name](sandbox:{FOLDER}/name)."
    )
    names = _files(turn, tool)
    return f"{told} There are: {', '.join(names)}." if names else told


def _files(turn: Turn, tool: Item) -> list[str]:
    """The files in a container; none is made in order to look."""
    container: str | Item = tool["container"]
    has_any = isinstance(container, str) or container.get("file_ids")
    was_used = any(item.get("type") == "code_interpreter_call" for item in turn.items)
    if not (has_any or was_used):
        return []
    return [f"{FOLDER}/{name}" for name in turn.workspace(tool).files]


def _web_search(turn: Turn, tool: Item) -> str:
    told = (
        "Search the web. Gives pages with title, address and text. Cite the pages that "
        "you rely on as Markdown links to their addresses."
    )
    if turn.researches:
        told += " Search several times, for each side of the matter."
    place: Item = tool.get("user_location") or {}
    where = [
        str(place[part]) for part in ("city", "region", "country") if place.get(part)
    ]
    return f"{told} The user is in {', '.join(where)}." if where else told


def _image_generation(_turn: Turn, tool: Item) -> str:
    told = "Draw a picture, which the user then sees. The prompt describes all of it."
    if tool.get("action") == "generate":
        return told
    return f"{told} To change the last picture instead, say so with 'edit'."


def _pictured(turn: Turn, tool: Item) -> Make:
    def make(given: Any) -> Call:
        arguments: Item = {"prompt": text(given["prompt"])}
        wants_edit = given.get("edit") is True or tool.get("action") == "edit"
        last = _last_picture(turn) if wants_edit else None
        if last is not None:
            arguments["over"] = last
        return Call("image_generation", arguments)

    return make


def _last_picture(turn: Turn) -> bytes | None:
    """The newest picture of the conversation, sent or drawn."""
    for picture in turn.pictures:
        if picture.content is not None:
            return picture.content
    for item in reversed(turn.items):
        if item.get("type") == "image_generation_call" and item.get("result"):
            try:
                return b64decode(item["result"], validate=True)
            except ValueError:
                return None
    return None


def _tool_search(turn: Turn, tool: Item) -> str:
    told = tool.get("description") or (
        "Load tools that you cannot call yet. Name those that you need, or the group "
        "that they are in; afterwards you can call them."
    )
    listed = [
        f"- {each.get('namespace', '')}{'.' * ('namespace' in each)}{each['name']}: "
        f"{each.get('description') or ''}"
        for each in tool_search.flat(turn.tools)
        if each.get("defer_loading")
    ]
    return "\n".join([told, *listed])


def _tools_searched(turn: Turn, tool: Item) -> Make:
    if tool.get("execution") == "client":
        return lambda given: Call("tool_search", given)
    owners = {
        each["namespace"]
        for each in tool_search.flat(turn.tools)
        if each.get("namespace")
    }

    def make(given: Any) -> Call:
        named = texts(given["names"])
        # `group.tool`, as they were listed, names the tool and the group that it is in.
        paths = [name.partition(".")[0] if "." in name else name for name in named]
        alone = [name.rpartition(".")[2] for name in named if name not in owners]
        whole = {name for name in named if name in owners}
        arguments: Item = {"paths": list(dict.fromkeys(paths))}
        if not whole:
            arguments["names"] = alone
        return Call("tool_search", arguments)

    return make


def _tool_search_takes(tool: Item) -> Item:
    if tool.get("execution") == "client" and tool.get("parameters"):
        return tool["parameters"]
    name = "query" if tool.get("execution") == "client" else "names"
    return object_of({name: TEXT if name == "query" else TEXTS})


def _shell(turn: Turn, tool: Item) -> str:
    environment: Item = tool.get("environment") or {}
    if environment.get("type") in (None, "local"):
        return (
            "Run commands in a shell on the user's machine, after the user's consent."
        )
    told = (
        "Run commands in a small shell, which has nothing but "
        f"{as_prose([*COMMANDS])}; they can be joined with &&. Files are in {FOLDER}."
    )
    skills = turn.workspace(tool).skills if environment.get("skills") else ()
    if environment.get("container_id") or environment.get("file_ids"):
        # An uploaded file has another name there than its own.
        told += f" There are: {', '.join(turn.workspace(tool).files) or 'no files'}."
    listed = [
        f"- {skill.name}: {skill.description} (skills/{skill.name}/SKILL.md)"
        for skill in skills
    ]
    if not listed:
        return told
    return "\n".join(
        [f"{told} Read the file of a skill before you do what it is for:", *listed]
    )


_OPERATIONS = ("create_file", "update_file", "delete_file")
_PATCH: Item = object_of(
    {
        "operation": object_of(
            {
                "type": {"type": "string", "enum": [*_OPERATIONS]},
                "path": TEXT,
                "diff": {
                    "type": "string",
                    "description": "V4A diff: lines that begin with +, - or a space; "
                    "none for delete_file",
                },
            },
            "diff",
        )
    }
)


def _patched(given: Any) -> Call:
    operation: Item = given["operation"]
    kind = text(operation["type"])
    if kind not in _OPERATIONS:
        raise ValueError(f"there is no operation {kind!r}")
    kept: Item = {"type": kind, "path": text(operation["path"])}
    if kind != "delete_file":
        kept["diff"] = text(operation["diff"])
    return Call("apply_patch", {"operation": kept})


_NEEDS: dict[str, dict[str, Any]] = {  # what an action has, where a model leaves it out
    "screenshot": {},
    "click": {"x": None, "y": None, "button": "left"},
    "double_click": {"x": None, "y": None},
    "move": {"x": None, "y": None},
    "scroll": {"x": 0, "y": 0, "scroll_x": 0, "scroll_y": 0},
    "type": {"text": None},
    "keypress": {"keys": None},
    "wait": {},
}
_POINT: Item = {"x": {"type": "integer"}, "y": {"type": "integer"}}
_ACTIONS: Item = object_of(
    {
        "actions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "type": {"type": "string", "enum": [*_NEEDS]},
                    **_POINT,
                    "button": {"type": "string", "enum": ["left", "right", "wheel"]},
                    "scroll_x": {"type": "integer"},
                    "scroll_y": {"type": "integer"},
                    "text": TEXT,
                    "keys": TEXTS,
                },
                "required": ["type"],
            },
        }
    }
)


def _acted(given: Any) -> Call:
    actions: list[Item] = []
    for asked in given["actions"]:
        needs = _NEEDS.get(asked.get("type"))
        if needs is None:
            raise ValueError(f"there is no action {asked.get('type')!r}")
        action: Item = {"type": asked["type"]}
        for name, default in needs.items():
            action[name] = asked.get(name, default)
            if action[name] is None:
                raise ValueError(f"the action {asked['type']!r} lacks {name!r}")
        if "keys" in action:
            action["keys"] = texts(action["keys"])
        actions.append(action)
    if not actions:
        raise ValueError("there is no action")
    return Call("computer", {"actions": actions})


def _screen(_turn: Turn, _tool: Item) -> str:
    return (
        "Use the user's screen. Begin with a screenshot; each call is answered with "
        "another one."
    )


def _says(words: str) -> Describe:
    return lambda _turn, _tool: words


def _plain(make: Make) -> Callable[[Turn, Item], Make]:
    return lambda _turn, _tool: make


def _takes(schema: Item) -> Callable[[Item], Item]:
    return lambda _tool: schema


HOSTED: dict[str, Tool] = {
    "file_search": Tool(
        _file_search,
        _takes(object_of({"queries": TEXTS})),
        _plain(lambda given: Call("file_search", {"queries": texts(given["queries"])})),
    ),
    "code_interpreter": Tool(
        _code_interpreter,
        _takes(object_of({"code": TEXT})),
        _plain(lambda given: Call("code_interpreter", {"code": text(given["code"])})),
    ),
    "web_search": Tool(
        _web_search,
        _takes(object_of({"query": TEXT})),
        _plain(
            lambda given: Call(
                "web_search", {"type": "search", "query": text(given["query"])}
            )
        ),
    ),
    "image_generation": Tool(
        _image_generation,
        _takes(object_of({"prompt": TEXT, "edit": {"type": "boolean"}}, "edit")),
        _pictured,
    ),
    "tool_search": Tool(_tool_search, _tool_search_takes, _tools_searched),
    "shell": Tool(
        _shell,
        _takes(object_of({"commands": TEXTS})),
        _plain(lambda given: Call("shell", {"commands": texts(given["commands"])})),
    ),
    "local_shell": Tool(
        _says("Run one command on the user's machine, after the user's consent."),
        _takes(object_of({"command": TEXTS})),
        _plain(lambda given: Call("local_shell", {"command": texts(given["command"])})),
    ),
    "apply_patch": Tool(
        _says("Create, change or delete one of the user's files."),
        _takes(_PATCH),
        _plain(_patched),
    ),
    "computer": Tool(_screen, _takes(_ACTIONS), _plain(_acted)),
}


def collaborated(name: str, given: Any) -> Call:
    """To have an agent begin, or to wait for some; each has a place below the root."""
    if name == "spawn_agent":
        named = {"agent_name": _placed(given["agent_name"])}
        return Call("multi_agent", {**named, "message": text(given["message"])}, name)
    names = [_placed(each) for each in texts(given["agent_names"])]
    return Call("multi_agent", {"agent_names": names}, name)


def _placed(name: Any) -> str:
    return f"{ROOT}/{text(name).removeprefix(ROOT).strip('/')}"


AGENTS: dict[str, tuple[str, Item]] = {
    "spawn_agent": (
        "Have another agent begin with a task of its own. It knows nothing but the "
        "message.",
        object_of({"agent_name": TEXT, "message": TEXT}),
    ),
    "wait_agent": (
        "Wait for agents that were spawned, and get what they say.",
        object_of({"agent_names": TEXTS}),
    ),
}
