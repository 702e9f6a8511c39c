"""The stand-in model: decides by rules which items answer a turn.

`respond` yields complete output items in the API's shapes, one by one, as they are
made. Nothing is random but ids: the same turn gets the same answer.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from emulator import sandbox
from emulator.ids import new_id, short_id
from emulator.model import pictures, reading, schema, text
from emulator.model.turn import Item, Turn
from emulator.tools import (
    Hit,
    Hosted,
    code_interpreter,
    functions,
    image_generation,
    mcp,
    offered,
)

# Tokens that the stand-in claims to have thought, by effort: the service bills
# reasoning in steps of 64.
REASONING_TOKENS = {
    "none": 0,
    "minimal": 0,
    "low": 64,
    "medium": 128,
    "high": 256,
    "xhigh": 512,
    "max": 1024,
}

# What a forced code interpreter runs when the prompt has nothing to compute. The
# prompt itself never becomes code.
NOTHING_TO_COMPUTE = 'print("There is nothing to compute.")'


def reasoning_tokens(turn: Turn) -> int:
    """How many tokens the stand-in spends on thinking before it answers this turn."""
    if turn.reasoning is None or turn.since_prompt:
        return 0
    return REASONING_TOKENS[turn.reasoning.get("effort") or "medium"]


def respond(turn: Turn, hosted: Hosted) -> Iterator[Item]:
    """The output items of a turn, in order; the last one is usually a message."""
    if reasoning_tokens(turn):
        yield _reasoning(turn)
    results = _function_results(turn)
    if not results or _forced(turn):
        calls = list(_function_calls(turn))
        if calls:
            yield from calls
            return
    if results:
        yield message(_formatted(turn, functions.answer(turn.prompt, results)))
        return
    known = None if _forced(turn) else text.recall(turn.prompt, turn.said_before)
    for tool in _offered(turn):
        if tool["type"] == "function" or turn.max_tool_calls == 0 or known:
            continue
        settled = False
        for item in _HOSTED[tool["type"]](turn, tool, hosted):
            settled = settled or item["type"] in ("message", "mcp_approval_request")
            yield item
        if settled:
            return
    yield _plain_answer(turn)


def message(content: str | Item, annotations: list[Item] | None = None) -> Item:
    """An assistant message with one part: a text, or a refusal part as it is."""
    part: Item = (
        {
            "type": "output_text",
            "annotations": annotations or [],
            "logprobs": [],
            "text": content,
        }
        if isinstance(content, str)
        else content
    )
    return {
        "id": new_id("msg"),
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }


def _reasoning(turn: Turn) -> Item:
    asked = turn.reasoning or {}
    wants_summary = asked.get("summary") or asked.get("generate_summary")
    steps = text.reasoning_steps(turn.prompt) if wants_summary else []
    return {
        "id": new_id("rs"),
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": step} for step in steps],
    }


def _plain_answer(turn: Turn) -> Item:
    if turn.format["type"] == "json_schema" and text.refuses(turn.prompt):
        refusal = "I'm sorry, but I can't help with that."
        return message({"type": "refusal", "refusal": refusal})
    return message(_formatted(turn, _words(turn)))


def _words(turn: Turn) -> str:
    if turn.documents:
        texts = ["\n".join(document.pages) for document in turn.documents]
        words = reading.answer_from(turn.prompt, texts)
        if words or turn.brings_a_file:
            return words or "The document does not say anything about that."
    if turn.pictures:
        descriptions = [pictures.describe(p, turn.prompt) for p in turn.pictures]
        return "\n\n".join(descriptions)
    return text.answer(turn.prompt, turn.said_before, turn.instructions)


def _formatted(turn: Turn, words: str) -> str:
    if turn.format["type"] == "text":
        return words
    shape = turn.format.get("schema", {})
    if turn.format["type"] == "json_object":
        return orjson.dumps({"answer": words}).decode()
    # Earlier turns and documents belong to what the values are drawn from.
    pages = [page for document in turn.documents for page in document.pages]
    return orjson.dumps(schema.fill(shape, "\n".join([turn.prompt, *pages]))).decode()


# Which tools the model may use, and which it must


def _offered(turn: Turn) -> list[Item]:
    return offered(turn.tools, turn.tool_choice)


def _forced(turn: Turn) -> bool:
    choice = turn.tool_choice
    if isinstance(choice, dict):
        return choice.get("mode") == "required" or choice["type"] != "allowed_tools"
    return choice == "required"


# Function tools: the caller runs them


def _function_calls(turn: Turn) -> Iterator[Item]:
    tools = _offered(turn)
    callable = [tool for tool in tools if tool["type"] == "function"]
    chosen = functions.choose(callable, turn.prompt)
    if not chosen and _forced(turn) and tools and callable == tools:
        tool = callable[0]
        chosen = [(tool["name"], args) for args in schema.calls(tool, turn.prompt)]
    if not turn.parallel_tool_calls:
        chosen = chosen[:1]
    for name, arguments in chosen:
        yield {
            "id": new_id("fc"),
            "type": "function_call",
            "status": "completed",
            "arguments": orjson.dumps(arguments).decode(),
            "call_id": short_id("call_"),
            "name": name,
        }


def _function_results(turn: Turn) -> list[tuple[str, dict[str, Any], str]]:
    """Name, arguments and output of each function called since the prompt."""
    calls = {
        item["call_id"]: item
        for item in turn.items
        if item.get("type") == "function_call"
    }
    results: list[tuple[str, dict[str, Any], str]] = []
    for item in turn.since_prompt:
        if item.get("type") == "function_call_output":
            call = calls[item["call_id"]]
            results.append(
                (call["name"], _arguments(call["arguments"]), _output(item["output"]))
            )
    return results


def _arguments(arguments: str) -> dict[str, Any]:
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _output(output: str | list[Item]) -> str:
    if isinstance(output, str):
        return output
    return "\n".join(part.get("text", "") for part in output)


# Hosted tools: each yields its calls and, if it settles the question, the message


def _file_search(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    hits = hosted.search(tool, turn.prompt)
    yield {
        "id": new_id("fs"),
        "type": "file_search_call",
        "status": "completed",
        "queries": [turn.prompt],
        "results": [
            {
                "file_id": hit.file_id,
                "filename": hit.filename,
                "score": hit.score,
                "attributes": hit.attributes,
                "text": hit.text,
            }
            for hit in hits
        ],
    }
    words = reading.answer_from(turn.prompt, [hit.text for hit in hits])
    if not words:
        yield message(_formatted(turn, "The files do not say anything about that."))
        return
    cited = _cited(words, hits)
    annotations: list[Item] = [
        {
            "type": "file_citation",
            "file_id": hit.file_id,
            "filename": hit.filename,
            "index": len(words) - 1,
        }
        for hit in cited
    ]
    yield message(_formatted(turn, words), annotations)


def _cited(words: str, hits: list[Hit]) -> list[Hit]:
    """The best passage of each file that the answer's words come from."""
    lines = {line.strip(" -\u2022") for line in words.splitlines() if len(line) > 20}
    by_file: dict[str, Hit] = {}
    for hit in hits:
        if any(line in hit.text for line in lines):
            by_file.setdefault(hit.file_id, hit)
    return list(by_file.values()) or hits[:1]


def _code_interpreter(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    program = code_interpreter.write_program(turn.prompt)
    if program is None:
        if not _forced(turn):
            return
        program = NOTHING_TO_COMPUTE
    output = sandbox.run(program)
    yield {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "completed",
        "code": program,
        "container_id": hosted.container(tool),
        "outputs": [{"type": "logs", "logs": output}],
    }
    answer = code_interpreter.answer(turn.prompt, program, output)
    yield message(_formatted(turn, answer))


def _image_generation(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    if not (_forced(turn) or image_generation.wanted(turn.prompt)):
        return
    picture = image_generation.draw(
        turn.prompt,
        size=tool.get("size") or "auto",
        background=tool.get("background") or "auto",
        output_format=tool.get("output_format") or "png",
    )
    yield {
        "id": new_id("ig"),
        "type": "image_generation_call",
        "status": "completed",
        "result": b64encode(picture).decode(),
    }
    yield message("")


def _mcp(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    label, url = tool["server_label"], tool["server_url"]
    allowed = _allowed_mcp_tools(tool)
    tools = [
        entry
        for entry in mcp.list_tools(url, label)
        if allowed is None or entry["name"] in allowed
    ]
    if not any(
        item.get("type") == "mcp_list_tools" and item.get("server_label") == label
        for item in turn.items
    ):
        yield {
            "id": new_id("mcpl"),
            "type": "mcp_list_tools",
            "server_label": label,
            "tools": tools,
        }
    verdicts = _approvals(turn, label)
    if verdicts:
        calls = [(r["name"], orjson.loads(r["arguments"]), r["id"]) for r in verdicts]
        if not all(verdict["approve"] for verdict in verdicts):
            yield message("The tool call was not approved, so I did not make it.")
            return
    else:
        chosen = mcp.choose(turn.prompt, tools)[: turn.max_tool_calls]
        calls = [(name, arguments, None) for name, arguments in chosen]
        asking = [call for call in calls if _needs_approval(tool, call[0])]
        for name, arguments, _ in asking:
            yield {
                "id": new_id("mcpr"),
                "type": "mcp_approval_request",
                "arguments": orjson.dumps(arguments).decode(),
                "name": name,
                "server_label": label,
            }
        if asking:
            return
    outputs: list[str] = []
    for name, arguments, approval_id in calls:
        known = any(entry["name"] == name for entry in tools)
        output = mcp.call(url, name, arguments)
        outputs.append(output)
        yield {
            "id": new_id("mcp"),
            "type": "mcp_call",
            "status": "completed" if known else "failed",
            "approval_request_id": approval_id,
            "arguments": orjson.dumps(arguments).decode(),
            "error": None if known else output,
            "name": name,
            "output": output if known else None,
            "server_label": label,
        }
    if outputs:
        yield message(_formatted(turn, mcp.answer(turn.prompt, outputs)))


def _allowed_mcp_tools(tool: Item) -> list[str] | None:
    """The names that `allowed_tools` lists, as an array or as `tool_names`."""
    allowed: Item | list[str] | None = tool.get("allowed_tools")
    return allowed.get("tool_names") if isinstance(allowed, dict) else allowed


def _needs_approval(tool: Item, name: str) -> bool:
    """Approval is asked for unless the request says `never` for this tool."""
    rule: Item | str = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    never: Item = rule.get("never") or {}
    return name not in (never.get("tool_names") or [])


def _approvals(turn: Turn, label: str) -> list[Item]:
    """The approval requests of this server that the caller has just answered."""
    requests = {
        item["id"]: item
        for item in turn.items
        if item.get("type") == "mcp_approval_request" and item["server_label"] == label
    }
    return [
        {**requests[item["approval_request_id"]], "approve": item["approve"]}
        for item in turn.since_prompt
        if item.get("type") == "mcp_approval_response"
        and item["approval_request_id"] in requests
    ]


_HOSTED: dict[str, Callable[[Turn, Item, Hosted], Iterator[Item]]] = {
    "file_search": _file_search,
    "code_interpreter": _code_interpreter,
    "image_generation": _image_generation,
    "mcp": _mcp,
}
