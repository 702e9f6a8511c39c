"""Tools that the caller runs on a machine of its own: shells and computers."""

import pytest

from emulator.tests.conftest import kinds, text
from responses_emulator.model.standin import shell
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Turn

SHELL = {"type": "shell", "environment": {"type": "local"}}
LOCAL_SHELL = {"type": "local_shell"}
COMPUTER = {"type": "computer"}
PREVIEW = {
    "type": "computer_use_preview",
    "display_width": 800,
    "display_height": 600,
    "environment": "browser",
}
SCREENSHOT = (  # of one grey point
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGM4"
    "AQAAygDJmcpdfgAAAABJRU5ErkJggg=="
)
LIST = "List the files in this folder."
SEARCH = "Open the page and search for otters in space."


def only_call(response):
    (call,) = [item for item in response["output"] if item["type"].endswith("_call")]
    return call


def printed(call, stdout, stderr="", code=0):
    return {
        "type": "shell_call_output",
        "call_id": call["call_id"],
        "output": [
            {
                "stdout": stdout,
                "stderr": stderr,
                "outcome": {"type": "exit", "exit_code": code},
            }
        ],
    }


def shown(call):
    return {
        "type": "computer_call_output",
        "call_id": call["call_id"],
        "output": {"type": "computer_screenshot", "image_url": SCREENSHOT},
    }


@pytest.mark.parametrize("tool", [SHELL, {"type": "shell"}])
def test_the_shell_asks_for_a_command_and_tells_what_it_printed(client, tool):
    first = client.create(LIST, tools=[tool])
    call = only_call(first)

    assert call["type"] == "shell_call"
    assert call["action"]["commands"] == ["ls -la"]
    assert call["environment"] == {"type": "local"}
    second = client.create(
        [printed(call, "otters.txt\n")], tools=[tool], previous_response_id=first["id"]
    )
    assert "otters.txt" in text(second)


@pytest.mark.parametrize(
    ("prompt", "command"),
    [
        ("Show me all my folders.", "ls -la"),
        *(
            (f"Run `{command} a`.", f"{command} a")
            for command in (
                *("basename", "cat", "cut", "date", "df", "dirname", "du", "echo"),
                *("file", "grep", "head", "id", "ls", "nl", "pwd", "stat", "tail"),
                *("uname", "wc", "whoami"),
            )
        ),
    ],
)
def test_what_a_prompt_asks_about_is_shown_by_a_command(client, prompt, command):
    call = only_call(client.create(prompt, tools=[SHELL]))
    assert call["action"]["commands"] == [command]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (("a\n", "", 0), "The command printed:\n\na"),
        (("", "", 0), "The command is done."),
        (("a\n", "", 1), "The command failed with exit code 1: a"),
        (("a\n", "b\n", 3), "The command failed with exit code 3: b"),
        (("", "", 3), "The command failed with exit code 3"),
    ],
)
def test_what_a_command_brought_is_told(client, output, told):
    first = client.create(LIST, tools=[SHELL])
    again = client.create(
        [printed(only_call(first), *output)],
        tools=[SHELL],
        previous_response_id=first["id"],
    )
    assert text(again) == told


def test_a_command_that_failed_or_took_too_long_is_told_as_such(client):
    first = client.create(LIST, tools=[SHELL])
    call = only_call(first)
    failed = printed(call, "", "no such folder", 2)
    late = printed(call, "")
    late["output"][0]["outcome"] = {"type": "timeout"}

    for output, words in ((failed, "exit code 2: no such folder"), (late, "in time")):
        again = client.create([output], tools=[SHELL], previous_response_id=first["id"])
        assert words in text(again)


@pytest.mark.parametrize(
    "command",
    ["rm -rf /", "ls; rm x", "cat a > b", "echo $(id)", "sort -o a b", "ls | sh", "'"],
)
def test_only_harmless_commands_are_written(client, command):
    response = client.create(f"Run `{command}`.", tools=[SHELL])

    assert kinds(response)[-1] == "message"


def test_a_harmless_command_of_the_prompt_is_taken_as_it_is(client):
    call = only_call(client.create("Run `wc -l otters.txt`.", tools=[SHELL]))

    assert call["action"]["commands"] == ["wc -l otters.txt"]


def test_the_local_shell_gets_words_and_answers_by_the_call_id(client):
    first = client.create(LIST, tools=[LOCAL_SHELL])
    call = only_call(first)

    assert call["type"] == "local_shell_call"
    assert call["action"] == {"type": "exec", "command": ["ls", "-la"], "env": {}}
    output = {
        "type": "local_shell_call_output",
        "id": call["call_id"],
        "output": '{"stdout": "otters.txt", "exit_code": 0}',
    }
    second = client.create(
        [output], tools=[LOCAL_SHELL], previous_response_id=first["id"]
    )
    assert "otters.txt" in text(second)


def test_the_computer_takes_a_screenshot_acts_and_says_what_it_did(client):
    response = client.create(SEARCH, tools=[COMPUTER])
    taken = []
    while response["output"][-1]["type"] == "computer_call":
        call = response["output"][-1]
        assert call["pending_safety_checks"] == []
        taken += call["actions"]
        response = client.create(
            [shown(call)], tools=[COMPUTER], previous_response_id=response["id"]
        )

    assert [action["type"] for action in taken] == [
        "screenshot", "click", "type", "keypress", "wait", "screenshot",
    ]  # fmt: skip
    assert taken[1] == {"type": "click", "button": "left", "x": 512, "y": 192}
    assert taken[2]["text"] == "otters in space"
    assert taken[3]["keys"] == ["ENTER"]
    assert "otters in space" in text(response)
    assert "follows a script" in text(response)


@pytest.mark.parametrize(
    ("prompt", "typed"),
    [
        ("Open the page and look up otters.", "otters"),
        ('Type "sea otters" there.', "sea otters"),
        ("Click the \u201csea otters\u201d link.", "sea otters"),
        ("Browse  a page", "Browse a page"),
    ],
)
def test_what_is_typed_is_what_the_prompt_is_about(client, prompt, typed):
    first = client.create(prompt, tools=[COMPUTER])
    second = client.create(
        [shown(only_call(first))], tools=[COMPUTER], previous_response_id=first["id"]
    )
    assert only_call(second)["actions"][1]["text"] == typed


def test_the_older_computer_tool_takes_one_action_a_call_within_its_display(client):
    response = client.create(SEARCH, tools=[PREVIEW])
    taken = []
    while response["output"][-1]["type"] == "computer_call":
        call = response["output"][-1]
        taken.append(call["action"])
        response = client.create(
            [shown(call)], tools=[PREVIEW], previous_response_id=response["id"]
        )

    assert len(taken) == 6
    assert (taken[1]["x"], taken[1]["y"]) == (400, 150)


@pytest.mark.parametrize("tool", [SHELL, LOCAL_SHELL, COMPUTER, PREVIEW])
def test_a_call_without_its_output_and_an_output_without_a_call_are_refused(
    client, tool
):
    prompt = f"{LIST} {SEARCH}"
    first = client.create(prompt, tools=[tool], tool_choice="required")
    call = only_call(first)
    name = call["type"].replace("_", " ")

    error = client.refused("And now?", previous_response_id=first["id"])
    assert f"No tool output found for {name} {call['call_id']}" in error["message"]
    stray = {**(shown(call) if "computer" in name else printed(call, ""))}
    if call["type"] == "local_shell_call":
        stray = {
            "type": "local_shell_call_output",
            "id": call["call_id"],
            "output": "{}",
        }
    error = client.refused([stray, {"role": "user", "content": "And now?"}])
    assert f"No tool call found for {name} output" in error["message"]


@pytest.mark.parametrize("tool", [SHELL, LOCAL_SHELL, COMPUTER, PREVIEW])
def test_a_call_is_streamed(client, tool):
    prompt = f"{LIST} {SEARCH}"
    events = client.events(prompt, tools=[tool])
    kinds = [event["type"] for event in events]

    assert kinds[-2:] == ["response.output_item.done", "response.completed"]
    if tool is SHELL:
        assert "response.shell_call_command.added" in kinds
        deltas = [e["delta"] for e in events if e["type"].endswith("command.delta")]
        assert "".join(deltas) == "ls -la"


# The contract contradicts itself on the local shell's output: it demands a `call_id`
# that it does not know.


@pytest.mark.parametrize(
    "name",
    [
        *("basename", "cat", "cut", "date", "df", "dirname", "du", "echo", "file"),
        *("grep", "head", "id", "ls", "nl", "pwd", "stat", "tail", "uname", "wc"),
        "whoami",
    ],
)
def test_what_looks_and_changes_nothing_is_asked_for(name):
    turn = Turn([{"role": "user", "content": f"Run `{name} a` and `rm a`."}])
    [made] = shell.calls(turn, {"type": "shell"})
    assert made == Call("shell", {"commands": [f"{name} a"]})
    [made] = shell.calls(turn, {"type": "local_shell"})
    assert made == Call("local_shell", {"command": [name, "a"]})


@pytest.mark.parametrize("sign", [*";&|<>$(){}\\", "'"])
def test_a_sign_of_the_shell_is_asked_for_in_no_command(sign):
    turn = Turn([{"role": "user", "content": f"Run `ls a{sign}b`."}])
    assert list(shell.calls(turn, {"type": "shell"})) == []
    turn.must_call = True
    assert list(shell.calls(turn, {"type": "shell"})) == [
        Call("shell", {"commands": ["pwd"]})
    ]


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("a.txt\n", "The command printed:\n\na.txt"),
        ('{"stdout": "a"}', "The command printed:\n\na"),
        ("[1]", "The command printed:\n\n[1]"),
        ("", "The command is done."),
        (
            '{"stdout": "a", "exit_code": 2}',
            "The command failed with exit code 2: a",
        ),
        (
            '{"outcome": {"type": "exit", "exit_code": 3}, "stderr": "b"}',
            "The command failed with exit code 3: b",
        ),
        ('{"outcome": {"type": "timeout"}}', "The command did not finish in time."),
    ],
)
def test_what_a_command_has_brought_is_told(output, told):
    came = {"type": "local_shell_call_output", "id": "lsh_1", "output": output}
    turn = Turn([{"role": "user", "content": "List."}, came])
    assert shell.answer(turn) == told
