"""A scripted model that makes do with any request: it calls what fits, and then tells.

It knows no sample. A function gets arguments that fit its schema; what a tool has said
is quoted, with a link to what was found or written; else it says what it was told.
"""

import json
import re
from typing import Any

from emulator.tests.model.chat_completions.chat_server import (
    Script,
    Server,
    calls,
    says,
)
from responses_emulator.model.standin import function_calls
from responses_emulator.model.values import schema

WRITTEN = re.compile(r"\[Written to /mnt/data: ([^,\]]+)")
URL = re.compile(r'"url": "([^"]+)"')
PROGRAM = 'open("totals.csv", "w").write("total\\n391\\n")\nprint(17 * 23)'
COMMANDS = [
    ["ls", "cat *.csv"],
    ["cat skills/parcel-price/SKILL.md", "python skills/parcel-price/price.py 7.5"],
]
CLICK = {"actions": [{"type": "click", "x": 40, "y": 40}]}


class Brain(Server):
    """A server whose scripts are made for what it is asked."""

    def __init__(self) -> None:
        """Nothing is written beforehand."""
        super().__init__([[]])

    def next_script(self, body: dict[str, Any]) -> Script:
        """What this request gets."""
        self.asked.append(body)
        return answer(body)


def answer(body: dict[str, Any]) -> Script:
    """Calls, a value of the schema that was asked for, or words."""
    messages: list[dict[str, Any]] = body["messages"]
    last = _asked_last(messages)
    prompt = _text(messages[last])
    results = [m["content"] for m in messages[last + 1 :] if m["role"] == "tool"]
    offered = {t["function"]["name"]: t["function"] for t in body.get("tools", [])}
    if offered and not results:
        called = _first_calls(offered, prompt)
        if called:
            return calls(*called)
    if offered and results:
        called = _next_calls(offered, messages[last + 1 :], prompt)
        if called:
            return calls(*called)
    wanted = body.get("response_format", {}).get("json_schema")
    if wanted:
        return says(json.dumps(schema.fill(wanted["schema"], prompt)))
    return says(*re.findall(r"\S+\s*", _words(messages, results)))


def _asked_last(messages: list[dict[str, Any]]) -> int:
    places = [
        n for n, m in enumerate(messages) if m["role"] == "user" and not _shown(m)
    ]
    return places[-1] if places else 0


def _shown(message: dict[str, Any]) -> bool:
    """Whether it is what a tool shows, and not what somebody asks."""
    content = message["content"]
    return (
        isinstance(content, list) and content[0].get("text") == "(what the tool shows)"
    )


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(part.get("text", "") for part in content)


def _first_calls(offered: dict[str, Any], prompt: str) -> list[tuple[str, Any]]:
    for name, given in (
        ("file_search", {"queries": [prompt]}),
        ("web_search", {"query": prompt}),
        ("code_interpreter", {"code": PROGRAM}),
        ("image_generation", {"prompt": prompt}),
        ("shell", {"commands": COMMANDS["skill" in str(offered.get("shell"))]}),
        ("local_shell", {"command": ["ls"]}),
        ("computer", {"actions": [{"type": "screenshot"}]}),
        ("spawn_agent", {"agent_name": "one", "message": prompt}),
        ("tool_search", {"names": _deferred(offered)}),
    ):
        if name in offered:
            return [(name, given)]
    return [_call(function, prompt) for function in _fitting(offered, prompt)]


def _next_calls(
    offered: dict[str, Any], since: list[dict[str, Any]], prompt: str
) -> list[tuple[str, Any]]:
    """What is called after something was called."""
    made = [
        call["function"]["name"]
        for message in since
        for call in message.get("tool_calls", ())
    ]
    if "spawn_agent" in made and "wait_agent" not in made:
        return [("wait_agent", {"agent_names": ["one"]})]
    if made == ["computer"]:
        return [("computer", CLICK)]
    if made == ["tool_search"]:
        found = {n: f for n, f in offered.items() if n != "tool_search"}
        return [_call(function, prompt) for function in list(found.values())[:1]]
    return []


def _fitting(offered: dict[str, Any], prompt: str) -> list[dict[str, Any]]:
    alike = [{**each, "type": "function"} for each in offered.values()]
    names = [name for name, _ in function_calls.choose(alike, prompt)]
    chosen = [offered[name] for name in dict.fromkeys(names)]
    return chosen or list(offered.values())[:1]


def _call(function: dict[str, Any], prompt: str) -> tuple[str, Any]:
    if list(function["parameters"].get("properties", {})) == ["input"]:
        return function["name"], {"input": "12 + 7 + 5"}
    return function["name"], schema.calls({**function, "type": "function"}, prompt)[0]


def _deferred(offered: dict[str, Any]) -> list[str]:
    listed = re.findall(
        r"^- ([\w.]+):", offered.get("tool_search", {}).get("description", ""), re.M
    )
    return [name for name in listed if "order" in name] or listed[:1]


def _words(messages: list[dict[str, Any]], results: list[str]) -> str:
    """What tools have said, with links to it; and what was said before."""
    told: list[str] = []
    for result in results:
        told.append(f'It says: "{result[:1500]}".')
        told += [
            f"[{name}](sandbox:/mnt/data/{name})" for name in WRITTEN.findall(result)
        ]
        told += [f"See [there]({url})." for url in URL.findall(result)[:3]]
    said = [_text(each)[:600] for each in messages if each["role"] == "user"]
    told.append("You said: " + " / ".join(said))
    return " ".join(told)
