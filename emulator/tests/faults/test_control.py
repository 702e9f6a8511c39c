"""`/emulator/...`, the command line and the README know the same faults."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.tests.conftest import Client, text
from emulator.tests.subprocesses import ROOT, RUN, done
from responses_emulator.core import Emulator
from responses_emulator.faults.table import FAULTS
from responses_emulator.http import Request

WORDS = [
    *("type", "content", "text", "output_text", "message", "function_call", "name"),
    *("arguments", "reasoning", "summary", "times", "all", "delay", "ms", "failed"),
    *("status", "operation", "responses.create", "retry_after_ms", "after", "Hello."),
]


def ask(
    client: Client, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any]:
    """Status and JSON of a request to the emulator itself, which has no key."""
    raw = b"" if body is None else orjson.dumps(body)
    reply = client.emulator.handle(Request(method, path, headers, raw))
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body)


def test_the_faults_are_listed_with_those_that_wait(client: Client) -> None:
    client.emulator.faults.add("delay", ms=5, times="all")
    status, listed = ask(client, "GET", "/emulator/faults")
    assert status == 200
    assert [fault["name"] for fault in listed["faults"]] == list(FAULTS)
    told = next(f for f in listed["faults"] if f["name"] == "mcp-call-fails")
    assert told == {
        "name": "mcp-call-fails",
        "what": FAULTS["mcp-call-fails"].what,
        "outcome": "content",
        "operations": ["responses.create"],
        "when": "mcp",
        "parameters": {"shape": "text"},
        "choices": {"shape": ["text", "object"]},
        "any_text": [],
    }
    [waiting] = listed["waiting"]
    assert (waiting["fault"], waiting["ms"], waiting["times"]) == ("delay", 5, "all")


@pytest.mark.parametrize(
    "body",
    [
        {"fault": "rate-limited", "operation": "files.list", "retry_after_ms": 9},
        {"fault": "rate-limited:retry_after_ms=9@files.list"},
    ],
)
def test_a_fault_is_added_by_name_or_in_text(
    client: Client, body: dict[str, Any]
) -> None:
    status, rule = ask(client, "POST", "/emulator/faults", body)
    assert (status, rule["operation"], rule["retry_after_ms"]) == (200, "files.list", 9)
    assert client.create()["status"] == "completed"
    assert client.send("GET", "/files").headers["retry-after-ms"] == "9"


def test_faults_are_taken_away(client: Client) -> None:
    ask(client, "POST", "/emulator/faults", {"fault": "timeout", "times": "all"})
    assert ask(client, "DELETE", "/emulator/faults") == (200, {"waiting": []})
    assert client.create()["status"] == "completed"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fault": 5},
        {"fault": "tea"},
        {"fault": "delay", "ms": "soon"},
        {"fault": "delay", "ms": None},
        {"fault": "delay", "times": []},
        {"fault": "delay", "operation": 5},
        {"fault": "delay", "operation": "nowhere"},
        {"fault": "delay", "seconds": 1},
    ],
)
def test_a_wrong_fault_is_a_400(client: Client, body: dict[str, Any]) -> None:
    status, error = ask(client, "POST", "/emulator/faults", body)
    assert (status, error["error"]["param"]) == (400, "fault")
    assert not client.emulator.faults.waiting


def test_faults_do_not_hit_the_control_endpoint(client: Client) -> None:
    client.emulator.faults.add("server-error", times="all")
    assert ask(client, "GET", "/emulator/faults")[0] == 200


def test_a_web_page_is_refused(client: Client) -> None:
    page = {"origin": "http://evil.example"}
    status, _ = ask(client, "POST", "/emulator/faults", {"fault": "reset"}, **page)
    assert status == 403
    assert not client.emulator.faults.waiting


def test_what_is_not_there_is_a_404(client: Client) -> None:
    assert ask(client, "GET", "/emulator/nothing")[0] == 404
    assert ask(client, "PUT", "/emulator/faults")[0] == 404


def test_a_wrong_fault_says_what_was_wrong(client: Client) -> None:
    for body, said in (
        ({"fault": 5}, "Expected a string, the name of a fault."),
        ({"fault": "delay", "ms": True}, "ms is a string or a whole number."),
        ({"fault": "delay", "ms": 1.5}, "ms is a string or a whole number."),
    ):
        _, error = ask(client, "POST", "/emulator/faults", body)
        assert error["error"]["message"] == said


def test_a_fault_hits_once_and_at_once_unless_told(client: Client) -> None:
    _, rule = ask(client, "POST", "/emulator/faults", {"fault": "timeout", "after": 1})
    assert (rule["times"], rule["after"]) == (1, 1)
    assert [client.send("GET", "/files").status for _ in "abc"] == [200, 408, 200]
    ask(client, "POST", "/emulator/faults", {"fault": "timeout", "times": 2})
    assert [client.send("GET", "/files").status for _ in "abc"] == [408, 408, 200]


@pytest.mark.parametrize("times", [1, 2, 1000])
def test_a_reply_waits_as_often_as_it_is_asked_for(client: Client, times: int) -> None:
    body = {"output": ["Yes."], "times": times} if times > 1 else {"output": ["Yes."]}
    assert ask(client, "POST", "/emulator/replies", body) == (200, {"waiting": times})
    said = [text(client.create()) for _ in range(min(times, 3))]
    assert said == ["Yes."] * min(times, 3)


@pytest.mark.parametrize(
    ("body", "param", "said"),
    [
        ({}, "output", "Expected a list of texts and output items."),
        ({"output": "Yes."}, "output", "Expected a list of texts and output items."),
        ({"output": [], "times": 0}, "times", "Expected a number from 1 to 1000."),
        ({"output": [], "times": 1001}, "times", "Expected a number from 1 to 1000."),
        ({"output": [], "times": True}, "times", "Expected a number from 1 to 1000."),
        ({"output": [], "times": "2"}, "times", "Expected a number from 1 to 1000."),
        ({"output": [{"type": "x"}]}, "output", ""),
    ],
)
def test_a_wrong_reply_is_a_400(
    client: Client, body: dict[str, Any], param: str, said: str
) -> None:
    status, answer = ask(client, "POST", "/emulator/replies", body)
    assert (status, answer["error"]["param"]) == (400, param)
    assert answer["error"]["message"].startswith(said)
    assert not len(client.emulator.world.scripted)


def test_the_journal_is_listed_where_one_is_kept(client: Client) -> None:
    for path in ("requests", "verdict"):
        status, answer = ask(client, "GET", f"/emulator/{path}")
        assert status == 400
        assert answer["error"]["message"].endswith("start the emulator with --journal.")
    client.emulator = Emulator(clock=client.clock, journal=True)
    client.send("GET", "/files")
    client.create()
    status, listed = ask(client, "GET", "/emulator/requests")
    assert status == 200
    assert [each["path"] for each in listed["data"]] == [
        "/openai/v1/files",
        "/openai/v1/responses",
    ]
    status, verdict = ask(client, "GET", "/emulator/verdict")
    assert (status, verdict["ok"]) == (200, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "faults"), ("POST", "faults"), ("DELETE", "faults")),
        *(("POST", "replies"), ("GET", "requests"), ("GET", "verdict")),
        *(("POST", "reset"), ("GET", "nothing")),
    ],
)
def test_no_web_page_may_ask_for_anything(
    client: Client, method: str, path: str
) -> None:
    client.emulator.faults.add("timeout")
    page = {"origin": "http://evil.example"}
    status, answer = ask(client, method, f"/emulator/{path}", {}, **page)
    assert (status, answer["error"]["message"]) == (403, "This is not for web pages.")
    assert client.emulator.faults.waiting


# The command line


def test_a_script_runs_into_the_fault_of_the_command_line(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        dedent("""\
            import os, urllib.error, urllib.request
            url = os.environ["AZURE_OPENAI_V1_API_ENDPOINT"]
            for _ in range(2):
                try:
                    urllib.request.urlopen(f"{url}models")
                except urllib.error.HTTPError as error:
                    print(error.code)
        """),
        "utf-8",
    )
    ended = done(*RUN, "--fault", "timeout", str(script))
    assert (ended.stdout, ended.stderr) == ("408\n401\n", "")


# The README


def described(name: str) -> list[str]:
    """The cells of a fault's row."""
    fault = FAULTS[name]
    hits = ", ".join(f"`{one}`" for one in fault.operations) or "every operation"
    if fault.when:
        hits += {
            "plain": "; no stream",
            "stream": "; a stream",
            "background": "; in the background",
            "function": "; with a function",
            "mcp": "; with an MCP server",
        }[fault.when]
    defaults = ", ".join(f"`{key}={value}`" for key, value in fault.parameters.items())
    return [f"`{name}`", fault.what, hits, defaults, fault.outcome]


def test_the_readme_has_every_fault_as_it_is() -> None:
    text = (ROOT / "emulator" / "README.md").read_text("utf-8")
    table = text.split("<!-- faults -->")[1].split("<!-- /faults -->")[0]
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    expected = [f"| {' | '.join(described(name))} |" for name in FAULTS]
    assert rows == [" ".join(line.split()) for line in expected]


def test_the_readmes_control_requests_are_answered(client: Client) -> None:
    text = (ROOT / "emulator" / "README.md").read_text("utf-8")
    bodies = [
        line.split("'")[1] for line in text.splitlines() if '-d \'{"fault"' in line
    ]
    assert len(bodies) == 2
    for body in bodies:
        assert ask(client, "POST", "/emulator/faults", json.loads(body))[0] == 200


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(-5, 5)
    | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(["faults", "replies", "reset", "requests"]), JSON, JSON)
def test_nonsense_is_never_an_accident(path: str, name: Any, value: Any) -> None:
    client = Client()
    body = {
        "fault": name,
        "output": value,
        **(value if isinstance(value, dict) else {}),
    }
    status, _ = ask(client, "POST", f"/emulator/{path}", body)
    assert status in (200, 400, 404)
    reply = client.send("POST", "/responses", {"model": "gpt-5-mini", "input": "Hi."})
    assert reply.status < 500 or reply.headers["x-emulator-fault"]


@pytest.mark.parametrize("over_http", [False, True])
def test_a_reset_forgets_everything(client: Client, over_http: bool) -> None:
    client.emulator = emulator = Emulator(
        clock=client.clock, journal=True, rate_limit=3
    )
    long = "The same beginning, again and again. " * 200
    made = client.create(long)
    assert client.create(long)["usage"]["input_tokens_details"]["cached_tokens"]
    store = client.json("POST", "/vector_stores", {})["id"]
    talk = client.json("POST", "/conversations", {})["id"]
    box = client.json("POST", "/containers", {"name": "c"})["id"]
    emulator.faults.add("server-error", times="all", operation="models.list")
    emulator.reply_with("Scripted.", times=3)
    assert text(client.create()) == "Scripted."
    body = {"model": "gpt-5-mini", "input": "Hello."}
    assert client.error("POST", "/responses", body)[0] == 429

    if over_http:
        assert ask(client, "POST", "/emulator/reset") == (200, {"reset": True})
    else:
        emulator.reset()

    assert emulator.requests == [] and emulator.verdict().ok
    for path in (
        f"/responses/{made['id']}",
        f"/vector_stores/{store}",
        f"/conversations/{talk}",
        f"/containers/{box}",
    ):
        assert client.error("GET", path)[0] == 404
    assert client.send("GET", "/models").status == 200
    fresh = client.create(long)
    assert fresh["usage"]["input_tokens_details"]["cached_tokens"] == 0
    assert text(fresh) != "Scripted."
