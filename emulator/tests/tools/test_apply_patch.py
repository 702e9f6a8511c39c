"""`apply_patch`: diffs that the caller applies to files of its own."""

import pytest

from emulator.tests.conftest import text
from emulator.tests.tools.test_caller_tools import only_call

TOOL = {"type": "apply_patch"}
CODE = "def add(a, b):\n    # sum\n    return a - b\n\n\nprint(add(1, 2))"
FIX = f"In lib/sums.py, replace `a - b` with `a + b`.\n\n```python\n{CODE}\n```"


def patched(text: str, diff: str) -> str:
    """A file after a diff: its lines are found, and put in the place of the old."""
    assert diff.startswith("@@\n") and diff.endswith("\n")
    lines = diff.split("\n")[1:-1]
    old = "\n".join(line[1:] for line in lines if line[0] in " -")
    new = "\n".join(line[1:] for line in lines if line[0] in " +")
    assert text.count(old) == 1
    return text.replace(old, new)


def outcome(call, status="completed", output=None):
    return {
        "type": "apply_patch_call_output",
        "call_id": call["call_id"],
        "status": status,
        "output": output,
    }


def operation(client, prompt):
    return only_call(client.create(prompt, tools=[TOOL]))["operation"]


def test_a_diff_changes_the_words_that_the_prompt_names(client):
    asked = operation(client, FIX)

    assert (asked["type"], asked["path"]) == ("update_file", "lib/sums.py")
    assert patched(CODE, asked["diff"]) == CODE.replace("a - b", "a + b")


def test_of_a_file_that_is_not_shown_the_words_alone_are_changed(client):
    asked = operation(client, 'Rename "colour" to "color" in style.css.')

    assert asked == {
        "type": "update_file",
        "path": "style.css",
        "diff": "@@\n-colour\n+color\n",
    }


@pytest.mark.parametrize(
    ("prompt", "path", "diff"),
    [
        ("Create a file hello.txt that says 'Hello.'", "hello.txt", "+Hello.\n"),
        ("Write src/a.py:\n```python\nx = 1\n\ny\n```", "src/a.py", "+x = 1\n+\n+y\n"),
        ("Write a new page with the text “Hi”.", "notes.txt", "+Hi\n"),
    ],
)
def test_a_new_file_has_what_the_prompt_shows_or_quotes(client, prompt, path, diff):
    assert operation(client, prompt) == {
        "type": "create_file",
        "path": path,
        "diff": diff,
    }


def test_a_file_is_deleted_without_a_diff(client):
    assert operation(client, "Delete the file old/notes.md, please.") == {
        "type": "delete_file",
        "path": "old/notes.md",
    }


@pytest.mark.parametrize(
    "path",
    [
        "../a.txt",
        "/etc/passwd.txt",
        "~/a.txt",
        "C:\\a.txt",
        "a/../../b.txt",
        ".env.txt",
    ],
)
def test_no_path_leads_out_of_the_callers_workspace(client, path):
    response = client.create(f"Delete the file {path}.", tools=[TOOL])
    for item in response["output"]:
        if item["type"] == "apply_patch_call":
            assert ".." not in item["operation"]["path"]
            assert item["operation"]["path"][0].isalnum()


def test_small_talk_changes_nothing_unless_the_tool_is_forced(client):
    response = client.create("Hello.", tools=[TOOL])
    assert response["output"][-1]["type"] == "message"

    forced = client.create("Hello.", tools=[TOOL], tool_choice=TOOL)
    assert only_call(forced)["operation"] == {
        "type": "create_file",
        "path": "notes.txt",
        "diff": "+Hello.\n",
    }


@pytest.mark.parametrize(
    ("status", "output", "said"),
    [
        ("completed", None, "I have changed lib/sums.py."),
        ("failed", "no such file", "The change of lib/sums.py failed: no such file"),
    ],
)
def test_what_came_of_a_change_is_told(client, status, output, said):
    first = client.create(FIX, tools=[TOOL])
    second = client.create(
        [outcome(only_call(first), status, output)],
        tools=[TOOL],
        previous_response_id=first["id"],
    )
    assert text(second) == said


def test_a_change_without_its_outcome_is_refused_and_the_other_way_round(client):
    first = client.create(FIX, tools=[TOOL])
    call = only_call(first)
    error = client.refused("And now?", previous_response_id=first["id"])
    expected = f"No tool output found for apply patch call {call['call_id']}"
    assert expected in error["message"]
    error = client.refused([outcome(call), {"role": "user", "content": "And now?"}])
    assert "No tool call found for apply patch call output" in error["message"]


def test_another_caller_than_the_model_is_refused_by_name(client):
    error = client.refused(tools=[{**TOOL, "allowed_callers": ["programmatic"]}])
    assert error["code"] == "not_supported_by_emulator"
    assert error["param"] == "tools[0].allowed_callers"
