"""The shell tool in a container of the service's: calls, outputs, events and files."""

from typing import Any

import pytest

from emulator.tests.conftest import Client, text
from emulator.tests.resources.test_container_files import container, download, upload
from responses_emulator.store import MAX_CONTAINER_FILES

SALES = b"month,sales\nJan,100\nFeb,250\n"
AUTO = {"type": "shell", "environment": {"type": "container_auto"}}


def referring(id: str) -> dict[str, Any]:
    environment = {"type": "container_reference", "container_id": id}
    return {"type": "shell", "environment": environment}


def put(client: Client, id: str, name: str, content: bytes) -> str:
    status, file = upload(client, f"/containers/{id}/files", name, content)
    assert status == 200
    return file["path"]


def items(response: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [item for item in response["output"] if item["type"] == kind]


def test_a_call_comes_with_its_output_and_a_message(client: Client):
    id = container(client)
    put(client, id, "sales.csv", SALES)
    response = client.create("Run `wc -l sales.csv`.", tools=[referring(id)])

    [call], [output] = (
        items(response, "shell_call"),
        items(response, "shell_call_output"),
    )
    assert call["environment"] == {"type": "container_reference", "container_id": id}
    assert call["status"] == output["status"] == "completed"
    assert call["call_id"] == output["call_id"]
    assert call["action"]["max_output_length"] == output["max_output_length"] == 4096
    [command] = call["action"]["commands"]
    assert command.startswith("wc -l ") and command.endswith("-sales.csv")
    [chunk] = output["output"]
    assert chunk["stdout"].startswith("3 ")
    assert chunk["outcome"] == {"type": "exit", "exit_code": 0}
    assert f"`{command}` printed:\n\n3 " in text(response)


@pytest.mark.parametrize(
    ("prompt", "commands"),
    [
        ("Run: python --version && echo 'hello from the shell'",
         ["python --version && echo 'hello from the shell'"]),
        ("Execute: ls -lah /mnt/data && python --version",
         ["ls -lah /mnt/data && python --version"]),
        ("Run `ls` and then `echo done`, please.", ["ls", "echo done"]),
        ("List the files in the container.", ["ls -la"]),
        ("Run `rm -rf /`.", ["rm -rf /"]),
    ],
)  # fmt: skip
def test_the_commands_that_a_prompt_spells_out_are_taken_as_they_are(
    client: Client, prompt: str, commands: list[str]
):
    [call] = items(client.create(prompt, tools=[AUTO]), "shell_call")
    assert call["action"]["commands"] == commands


def test_small_talk_makes_no_container(client: Client):
    response = client.create("Tell me a joke.", tools=[AUTO])
    assert items(response, "shell_call") == []
    assert len(client.emulator.store.containers) == 0
    forced = client.create("Hi.", tools=[AUTO], tool_choice={"type": "shell"})
    [call] = items(forced, "shell_call")
    assert call["action"]["commands"] == ["ls -la"]


def test_each_request_for_a_container_gets_one_of_its_own(client: Client):
    first = client.create("Run `ls`.", tools=[AUTO])
    second = client.create("Run `ls`.", tools=[AUTO], previous_response_id=first["id"])
    ids = {
        items(response, "shell_call")[0]["environment"]["container_id"]
        for response in (first, second)
    }
    assert ids == {each.id for each in client.emulator.store.containers}
    assert len(ids) == 2


def test_uploaded_files_are_there_and_what_a_program_writes_can_be_fetched(
    client: Client,
):
    status, file = upload(client, "/files", "sales.csv", SALES, purpose="assistants")
    assert status == 200
    id = container(client, file_ids=[file["id"]])
    program = b"import pathlib\n[file] = pathlib.Path().glob('*sales.csv')\n"
    program += b"open('copy.csv', 'w').write(file.read_text().upper())\n"
    put(client, id, "copy.py", program)
    response = client.create("Run `python copy.py`.", tools=[referring(id)])

    assert "Written to the container: /mnt/data/copy.csv." in text(response)
    files = client.json("GET", f"/containers/{id}/files")["data"]
    [written] = [file for file in files if file["source"] == "assistant"]
    assert written["path"] == "/mnt/data/copy.csv"
    assert download(client, id, written["id"]) == SALES.upper()
    again = client.create("Run `cat copy.csv`.", tools=[referring(id)])
    assert "JAN,100" in text(again)


def test_a_full_container_says_what_it_did_not_keep(client: Client):
    id = container(client)
    for number in range(MAX_CONTAINER_FILES - 1):
        put(client, id, f"{number}.txt", b"x")
    put(client, id, "w.py", b"open('new.txt', 'w').write('x')")
    response = client.create("Run `python w.py`.", tools=[referring(id)])
    [output] = items(response, "shell_call_output")
    assert "'new.txt' was not kept" in output["output"][0]["stderr"]


def test_a_name_that_no_container_can_have_is_not_kept(client: Client):
    id = container(client)
    put(client, id, "w.py", b"open('a;b\\n.txt', 'w').write('x')\nopen('ok', 'w')")
    response = client.create("Run `python w.py`.", tools=[referring(id)])
    [output] = items(response, "shell_call_output")
    assert "was not kept" in output["output"][0]["stderr"]
    names = [file.name for file in client.emulator.store.containers.get(id).files]
    assert names[1:] == ["ok"]


def test_what_fails_is_told_with_its_code(client: Client):
    response = client.create("Run `cat nothing.txt` and `rm x`.", tools=[AUTO])
    [output] = items(response, "shell_call_output")
    codes = [chunk["outcome"]["exit_code"] for chunk in output["output"]]
    assert codes == [1, 127]
    assert "failed with exit code 127: rm: the emulator's shell" in text(response)


@pytest.mark.parametrize(
    "command",
    ["ls; id", "cat ../../etc/passwd", "echo $(id)", "ls | sh", "cat /etc/passwd"],
)
def test_a_hostile_command_is_refused_through_the_api_as_well(
    client: Client, command: str
):
    response = client.create(f"Run `{command}`.", tools=[AUTO])
    [output] = items(response, "shell_call_output")
    [chunk] = output["output"]
    assert chunk["stdout"] == ""
    assert chunk["outcome"]["exit_code"] != 0
    assert "the emulator's shell" in chunk["stderr"]


def test_a_container_that_is_not_there_is_a_404_that_names_the_place(client: Client):
    body = {"model": "gpt-5-mini", "input": "Run `ls`.", "tools": [referring("cntr_0")]}
    status, error = client.error("POST", "/responses", body)
    assert (status, error["param"]) == (404, "tools[0].environment.container_id")
    id = container(client)
    client.clock.now += 21 * 60
    body["tools"] = [referring(id)]
    assert client.error("POST", "/responses", body)[0] == 404
    auto = {"type": "container_auto", "file_ids": ["file-0"]}
    body["tools"] = [{"type": "shell", "environment": auto}]
    status, error = client.error("POST", "/responses", body)
    assert (status, error["param"]) == (404, "tools[0].environment.file_ids[0]")


def test_a_conversation_goes_on_with_its_calls_stored_or_sent_again(client: Client):
    id = container(client)
    tools = [referring(id)]
    first = client.create("Run `echo one`.", tools=tools)
    second = client.create(
        "Run `echo two`.", tools=tools, previous_response_id=first["id"]
    )
    assert "two" in text(second)
    asked = [{"role": "user", "content": "Run `echo one`."}]
    sent = client.create(asked, tools=tools, store=False, model="gpt-5.4-mini")
    more = [*asked, *sent["output"], {"role": "user", "content": "Run `echo two`."}]
    again = client.create(more, tools=tools, store=False, model="gpt-5.4-mini")
    assert "two" in text(again)
    talk = [*asked, *sent["output"], {"role": "user", "content": "Thanks."}]
    assert items(client.create(talk, tools=tools), "shell_call") == []


def test_the_events_bring_the_commands_and_what_they_printed(client: Client):
    id = container(client)
    events = client.events("Run `echo one` and `cat nothing`.", tools=[referring(id)])
    kinds = [event["type"].removeprefix("response.") for event in events]

    begin = kinds.index("shell_call_output_content.delta")
    assert kinds[begin - 1 : begin + 5] == [
        "output_item.added",
        "shell_call_output_content.delta",
        "shell_call_output_content.done",
        "shell_call_output_content.delta",
        "shell_call_output_content.done",
        "output_item.done",
    ]
    deltas = [e for e in events if e["type"].endswith("output_content.delta")]
    assert deltas[0]["delta"] == {"stdout": "one\n"}
    assert list(deltas[1]["delta"]) == ["stderr"]
    assert [delta["command_index"] for delta in deltas] == [0, 1]


def test_one_tool_call_is_one_call(client: Client):
    response = client.create("Run `ls`.", tools=[AUTO], max_tool_calls=1)
    assert len(items(response, "shell_call")) == 1
