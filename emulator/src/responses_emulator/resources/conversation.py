"""From a response request to what the model sees: earlier turns, files and pictures."""

import base64
import binascii
from dataclasses import replace
from itertools import chain
from pathlib import PurePath

from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    missing_parameter,
    not_emulated,
)
from responses_emulator.http import Json
from responses_emulator.ids import new_id
from responses_emulator.model.context.history import History
from responses_emulator.model.turn import Document, Picture
from responses_emulator.readers import documents, picture
from responses_emulator.resources import files
from responses_emulator.store import LONGEST_ITEM_ID, Kept, StoredResponse
from responses_emulator.world import World

MAX_PICTURES = 100


def new_items(
    world: World, given: str | list[Json] | None, param: str = "input"
) -> list[Json]:
    """What a request brings as items, each with an id; references are resolved.

    `param` is where the request has them, for errors to name.
    """
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    return [
        _item(world, item, f"{param}[{index}]")
        for index, item in enumerate(given or [])
    ]


def earlier(
    world: World,
    previous_id: str | None,
    kept: Kept | None = None,
) -> History:
    """Input and output of all earlier responses of a chain, oldest first.

    `kept` holds those that are not stored, but can be gone on from all the same.
    """
    history = History()
    if previous_id is None:
        return history
    links: list[StoredResponse] = []
    now = world.clock()
    removed = world.store.responses.removed + (kept.removed if kept is not None else 0)
    while previous_id is not None:
        link = world.store.responses.get(previous_id)
        if link is None and kept is not None:
            link = kept.get(previous_id)
        if link is None:
            raise invalid_request(
                f"Previous response with id '{previous_id}' not found.",
                "previous_response_id",
                "previous_response_not_found",
            )
        if link.runs(now):
            raise invalid_request(
                f"Previous response with id '{previous_id}' is not completed yet.",
                "previous_response_id",
                "invalid_value",
            )
        if link.history and link.checked == removed:
            history = link.history  # nobody before it can have gone since
            break
        links.append(link)
        previous_id = link.previous_id
    for link in reversed(links):
        if link.history is None:
            link.history = history.plus([*link.input_items, *link.body["output"]])
        history = link.history
        link.checked = removed
    return history


def remember_items(world: World, response: StoredResponse) -> None:
    """Let the items of a stored response be found by their ids."""
    items = chain(response.input_items, response.body["output"])
    ids = [item["id"] for item in items if len(item["id"]) <= LONGEST_ITEM_ID]
    world.store.item_owners.put_all(ids, response.body["id"])


def _item(world: World, item: Json, place: str) -> Json:
    kind = item.get("type") or ("message" if "role" in item else "item_reference")
    if kind == "item_reference":
        return _stored_item(world, item["id"], place)
    if kind == "message":
        return _message(item)
    if kind == "reasoning":
        return _reasoning(world, item, place)
    if kind == "compaction":
        return _compaction(world, item)
    if kind == "image_generation_call" and item.get("id") and not item.get("result"):
        return _stored_item(world, item["id"], place)
    if kind not in _KNOWN_ITEMS:
        raise not_emulated(f"the input item '{kind}'", f"{place}.type")
    if kind == "function_call_output" and not item.get("call_id"):
        raise missing_parameter(f"{place}.call_id")
    filled_in = _FILLED_IN.get(kind, {})
    item = filled_in | {
        name: value
        for name, value in item.items()
        if value is not None or name not in filled_in
    }
    if kind == "shell_call":
        limits: Json = {"timeout_ms": None, "max_output_length": None}
        item["action"] = limits | item["action"]
    return item if item.get("id") else {**item, "id": new_id(_KNOWN_ITEMS[kind])}


# What a client may leave out, and the service shows when the items are listed.
_DONE: Json = {"status": "completed"}
_FILLED_IN: dict[str, Json] = {
    "function_call": _DONE,
    "function_call_output": _DONE,
    "web_search_call": _DONE,
    "file_search_call": _DONE,
    "code_interpreter_call": {**_DONE, "code": None},
    "image_generation_call": {**_DONE, "result": None},
    "computer_call": {**_DONE, "pending_safety_checks": []},
    "shell_call": {**_DONE, "environment": None},
    "local_shell_call": _DONE,
    "tool_search_call": {**_DONE, "call_id": None, "execution": "server"},
    "shell_call_output": {"status": "completed", "max_output_length": None},
    "local_shell_call_output": {"status": "completed"},
    "apply_patch_call_output": {"output": None},
    "computer_call_output": {"status": "completed"},
    "tool_search_output": {
        "status": "completed",
        "execution": "client",
        "call_id": None,
    },
}


_KNOWN_ITEMS = {
    "function_call": "fc",
    "function_call_output": "fco",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "shell_call": "sh",
    "shell_call_output": "sho",
    "local_shell_call": "lsh",
    "local_shell_call_output": "lsho",
    "apply_patch_call": "apc",
    "apply_patch_call_output": "apco",
    "computer_call": "cu",
    "computer_call_output": "cuo",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
    "file_search_call": "fs",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "web_search_call": "ws",
    "mcp_list_tools": "mcpl",
    "mcp_call": "mcp",
    "mcp_approval_request": "mcpr",
    "mcp_approval_response": "mcpa",
    "multi_agent_call": "mac",
    "multi_agent_call_output": "maco",
    "agent_message": "amsg",
}


def _message(item: Json) -> Json:
    content: str | list[Json] = item.get("content") or ""
    if isinstance(content, list):
        parts = [_part(part) for part in content]
    elif item["role"] == "assistant":
        parts = [_part({"type": "output_text", "text": content})]
    else:
        parts = [{"type": "input_text", "text": content}]
    message: Json = {
        "id": item.get("id") or new_id("msg"),
        "type": "message",
        "status": "completed",
        "role": item["role"],
        "content": parts,
    }
    if item.get("phase"):
        message["phase"] = item["phase"]
    return message


def _part(part: Json) -> Json:
    if part["type"] == "input_image":
        return {"detail": "auto", **part}
    if part["type"] == "output_text":
        return {
            "type": "output_text",
            "text": part["text"],
            "annotations": part.get("annotations") or [],
            "logprobs": part.get("logprobs") or [],
        }
    return part


def _reasoning(world: World, item: Json, place: str) -> Json:
    """Reasoning counts only if this emulator wrote it: stored, or sealed by it."""
    if item.get("encrypted_content") is None:
        if not item.get("id"):
            raise missing_parameter(f"{place}.id")
        return _stored_item(world, item["id"], place)
    id = _check_sealed(world, item)
    return item if item.get("id") else {**item, "id": id}


def _compaction(world: World, item: Json) -> Json:
    """What this emulator has folded; `compaction.unfold` opens it."""
    id = _check_sealed(world, item)
    return item if item.get("id") else {**item, "id": id}


def _check_sealed(world: World, item: Json) -> str:
    """Sealed content belongs to the item that carries it: gives that one's id."""
    sealed: str = item["encrypted_content"]
    opened = world.cipher.open(sealed)
    id: str = item.get("id") or ""
    is_folded = item["type"] == "compaction"
    if opened is None or opened.item_id.startswith("cmp_") is not is_folded:
        reason = "Encrypted content could not be decrypted or parsed."
    elif id and opened.item_id not in ("", id) and not world.lenient_history:
        reason = "Encrypted content item_id did not match the target item id."
    else:
        return opened.item_id
    of = f"for item {id}" if id else f"{sealed[:4]}...{sealed[-4:]}"
    raise invalid_request(
        f"The encrypted content {of} could not be verified. Reason: {reason}",
        code="invalid_encrypted_content",
    )


def _stored_item(world: World, id: str, place: str) -> Json:
    owner = world.store.item_owners.get(id) or ""
    conversation = world.store.conversations.get(owner)
    if conversation is not None and (item := conversation.items.get(id)) is not None:
        return item
    response = world.store.responses.get(owner)
    if response is not None:
        for item in [*response.input_items, *response.body["output"]]:
            if item["id"] == id:
                return item
    # A 400, unlike OpenAI's own service.
    raise invalid_request(
        f"Item with id '{id}' not found. Items are not persisted when `store` is set "
        "to false. Try again with `store` set to true, or remove this item from your "
        "input.",
        place.partition("[")[0],
    )


# Files and pictures


def read_attachments(
    world: World, earlier: list[Json], new: list[Json]
) -> tuple[list[Document], list[Picture]]:
    """The documents of the whole conversation and the pictures of this request.

    A file of an earlier turn that was deleted since is left out; one that this
    request names has to be there.
    """
    read: list[Document] = []
    for _, part in _parts(earlier, "input_file"):
        try:
            read.append(_document(world, part, ""))
        except ServiceError as error:
            if error.status >= 500:  # there is no place to read it just now
                raise
    for place, part in _parts(new, "input_file"):
        read.append(_document(world, part, place))
    images = [
        _picture(world, part, place) for place, part in _parts(new, "input_image")
    ]
    for place, screenshot in _screenshots(new):  # not looked at, but checked
        _picture(world, screenshot, place)
    if len(images) > MAX_PICTURES:
        raise invalid_request(
            f"Too many images: at most {MAX_PICTURES} are allowed.", "input"
        )
    return read, images


_PARTED = {
    "message": "content",
    "function_call_output": "output",
    "custom_tool_call_output": "output",
}


def _parts(items: list[Json], kind: str) -> list[tuple[str, Json]]:
    """The parts of one kind, each with its place: `input[0].content[1]`.

    Messages have them, and the outputs of functions and custom tools may.
    """
    return [
        (f"input[{index}].{name}[{number}]", part)
        for index, item in enumerate(items)
        if (name := _PARTED.get(item.get("type", ""))) and type(item[name]) is list
        for number, part in enumerate(item[name])
        if part["type"] == kind
    ]


def _screenshots(items: list[Json]) -> list[tuple[str, Json]]:
    """What was seen after a computer call, where it is told, each with its place."""
    return [
        (f"input[{index}].output", item["output"])
        for index, item in enumerate(items)
        if item.get("type") == "computer_call_output"
        and (item["output"].get("image_url") or item["output"].get("file_id"))
    ]


def picture_again(world: World, part: Json) -> Picture | None:
    """The picture of a part, or of a screenshot; None if it was deleted since."""
    try:
        return _picture(world, part, "")
    except ServiceError:
        return None


def _document(world: World, part: Json, place: str) -> Document:
    if part.get("file_url"):
        raise not_emulated("'file_url': it fetches nothing", f"{place}.file_url")
    if part.get("file_id"):
        place = f"{place}.file_id"
        file = files.find(world, part["file_id"], place)
        name, content = file.filename, file.content
    elif part.get("file_data"):
        place = f"{place}.file_data"
        name = part.get("filename") or "file.pdf"
        content = _from_data_url(part["file_data"], place)
    else:
        raise invalid_request(
            "An 'input_file' needs one of 'file_id', 'file_data' and 'file_url'.",
            place,
            "missing_required_parameter",
        )
    try:
        return replace(documents.read(name, content), part=part)
    except documents.UnreadableDocument as error:
        suffix = PurePath(name).suffix.lower()
        if error.code == "unsupported_file" and not documents.knows(suffix):
            supported = ", ".join(sorted(documents.SUPPORTED_SUFFIXES))
            raise invalid_request(
                "Invalid input: Expected context stuffing file type to be a supported "
                f"format: {supported} but got {suffix or 'none'}.",
                "input",
                "invalid_value",
            ) from None
        raise invalid_request(
            f"The file '{name}' could not be read: {error}", place, "invalid_file"
        ) from None


def _picture(world: World, part: Json, place: str) -> Picture:
    url: str = part.get("image_url") or ""
    if part.get("file_id"):
        place = f"{place}.file_id"
        content = files.find(world, part["file_id"], place).content
    elif not url:
        raise invalid_request(
            "An 'input_image' needs one of 'file_id' and 'image_url'.",
            place,
            "missing_required_parameter",
        )
    elif url.startswith(("https://", "http://")):
        return Picture(None, url)
    else:
        place = f"{place}.image_url"
        content = _from_data_url(url, place)
    if not picture.is_valid(content):
        raise invalid_request(
            "The image data you provided does not represent a valid image. Please "
            "check your input and try again with one of the supported image formats: "
            "['image/jpeg', 'image/png', 'image/gif', 'image/webp'].",
            "input",
            "invalid_value",
        )
    return Picture(content)


def _from_data_url(url: str, place: str) -> bytes:
    head, _, data = url.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        raise invalid_request(
            f"Invalid '{place}'. Expected a base64-encoded data URL with a media type "
            "(e.g. 'data:application/pdf;base64,aGVsbG8='), but got a value without "
            "'data:' or ';base64,'.",
            place,
            "invalid_value",
        )
    try:
        return base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_request(
            f"Invalid '{place}'. Expected a base64-encoded data URL, but got an "
            "invalid base64-encoded value.",
            place,
            "invalid_value",
        ) from None
