"""Containers: made, used again, let go of, and what programs leave in them."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from emulator.tests.models import Repeats, Says
from responses_emulator.model.steps import Call, Text
from responses_emulator.programs import interpreter
from responses_emulator.resources.reach import Reach
from responses_emulator.signals import Signal
from responses_emulator.tools import code_interpreter

QUESTION = "What is 17 * 23?"


def run(client, container):
    tool = {"type": "code_interpreter", "container": container}
    response = client.create(
        QUESTION, tools=[tool], include=["code_interpreter_call.outputs"]
    )
    [call] = [i for i in response["output"] if i["type"] == "code_interpreter_call"]
    return call


def test_auto_makes_a_container_that_can_be_used_again(client):
    first = run(client, {"type": "auto"})["container_id"]
    path = f"/containers/{first}"

    assert client.json("GET", path)["status"] == "running"
    assert run(client, first)["container_id"] == first
    assert run(client, {"type": "auto"})["container_id"] != first
    assert len(client.json("GET", "/containers")["data"]) == 2


def test_a_deleted_container_is_gone(client):
    id = run(client, {"type": "auto"})["container_id"]

    assert client.json("DELETE", f"/containers/{id}")["deleted"] is True
    assert client.error("GET", f"/containers/{id}")[0] == 404
    assert client.error("DELETE", f"/containers/{id}")[0] == 404


def test_a_container_goes_after_twenty_idle_minutes(client):
    id = run(client, {"type": "auto"})["container_id"]
    client.clock.now += 20 * 60
    assert run(client, id)["container_id"] == id  # used: it stays

    client.clock.now += 20 * 60 + 1
    assert client.error("GET", f"/containers/{id}")[0] == 404
    assert client.json("GET", "/containers")["data"] == []


def test_an_unknown_container_is_refused_before_anything_is_made(client):
    body = {
        "model": "gpt-5-mini",
        "input": QUESTION,
        "tools": [{"type": "code_interpreter", "container": "cntr_0"}],
    }

    assert client.error("POST", "/responses", body)[0] == 404
    assert client.error("POST", "/responses", body | {"stream": True})[0] == 404
    assert len(client.emulator.store.responses) == 0


def test_the_code_is_run_and_its_output_shown_when_asked_for(client):
    call = run(client, {"type": "auto"})

    [output] = call["outputs"]
    assert output["type"] == "logs"
    assert "391" in output["logs"]
    tool = {"type": "code_interpreter", "container": {"type": "auto"}}
    response = client.create(QUESTION, tools=[tool])
    [call] = [i for i in response["output"] if i["type"] == "code_interpreter_call"]
    assert call["outputs"] is None


# What programs leave


def ask(client, code, container, status="completed"):
    """What a program prints that a model has written."""
    client.emulator.world.model = Says([Call("code_interpreter", {"code": code})])
    call = run(client, container)
    assert (call["code"], call["status"]) == (code, status)
    [output] = call["outputs"]
    return output["logs"]


def container(client):
    return client.json("POST", "/containers", {"name": "mine"})["id"]


def files(client, id):
    listed = client.json("GET", f"/containers/{id}/files?limit=100")["data"]
    return sorted((file["path"], file["bytes"]) for file in listed)


def test_a_program_goes_on_where_the_one_before_it_ended(client):
    one, other = container(client), container(client)
    assert ask(client, "import math\nx = 7\ndef f(n): return n * x", one) == ""
    assert ask(client, "x", other).endswith("NameError: name 'x' is not defined\n")
    assert ask(client, "f(math.floor(6.5))", one) == "42\n"


def test_a_program_that_is_ended_leaves_everything_as_it_was(client, monkeypatch):
    id = container(client)
    assert ask(client, "x = 1\nopen('a.txt', 'w').write('1')", id) == "1\n"
    late = partial(interpreter.run, seconds=0.2)
    with monkeypatch.context() as patch:
        patch.setattr(interpreter, "run", late)
        slow = "x = 2\nopen('a.txt', 'w').write('22')\nopen('b', 'w')\nwhile True: pass"
        told = ask(client, slow, id)
    assert told.startswith("Timed out after 0.2 s: the program was ended. ")
    assert told.endswith("Variables and files are as they were before.")
    assert files(client, id) == [("/mnt/data/a.txt", 1)]
    assert ask(client, "x", id) == "1\n"


def test_an_error_goes_to_the_model_which_can_try_again(client):
    wrong, right = "int('a')", "int('7')"
    model = Says(
        [Call("code_interpreter", {"code": wrong})],
        [Call("code_interpreter", {"code": right})],
        [Text("Seven.")],
    )
    client.emulator.world.model = model
    tool = {"type": "code_interpreter", "container": {"type": "auto"}}
    response = client.create(QUESTION, tools=[tool])
    calls = [i for i in response["output"] if i["type"] == "code_interpreter_call"]
    assert [call["code"] for call in calls] == [wrong, right]
    assert len({call["container_id"] for call in calls}) == 1
    told = [result.found.printed for result in model.turns[2].results]
    assert told[0].startswith("Traceback (most recent call last):\n")
    assert "ValueError: invalid literal for int()" in told[0]
    assert told[1] == "7\n"


def test_thirty_open_containers_have_a_worker_during_a_call_alone(client):
    ids = [container(client) for _ in range(30)]

    def say(code, number):
        tool = {"type": "code_interpreter", "container": ids[number]}
        hosted = Reach(client.emulator.world, [tool], {}, [])
        call = Call("code_interpreter", {"code": code.format(number)})
        return code_interpreter.run(call, tool, hosted).found.printed

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(partial(say, "x = {}"), range(30)))
        told = list(threads.map(partial(say, "x"), range(30)))
    assert told == [f"{number}\n" for number in range(30)]


def test_programs_in_one_container_run_one_after_the_other(client):
    id = container(client)
    ask(client, "n = 0", id)
    tool = {"type": "code_interpreter", "container": id}
    hosted = Reach(client.emulator.world, [tool], {}, [])
    call = Call("code_interpreter", {"code": "n += 1"})
    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(code_interpreter.run, call, tool, hosted)
    assert ask(client, "n", id) == "8\n"


def test_who_waits_too_long_for_a_container_is_told(client, monkeypatch):
    monkeypatch.setattr(interpreter, "WAIT_SECONDS", 0.05)
    id = container(client)
    with client.emulator.store.containers.get(id).turn:
        told = ask(client, "1", id, status="failed")
    assert told.startswith("No place was free to run the program within 0.05 s.")
    assert ask(client, "1", id) == "1\n"


class Meanwhile(Says):
    """Says its steps; something happens before the second sampling."""

    def __init__(self, happens, *samplings):
        super().__init__(*samplings)
        self._happens = happens

    def steps(self, turn, stop):
        if len(self.turns) == 1:
            self._happens()
        return super().steps(turn, stop)


@pytest.mark.parametrize("auto", [True, False])
def test_a_container_can_go_while_a_response_is_made(client, auto):
    wanted = {"type": "auto"} if auto else container(client)
    idle = 20 * 60 + 1
    calls = [[Call("code_interpreter", {"code": "x = 1"})]] * 2
    body = {
        "model": "gpt-5-mini",
        "input": QUESTION,
        "tools": [{"type": "code_interpreter", "container": wanted}],
    }

    client.emulator.world.model = Meanwhile(partial(client.clock.sleep, idle), *calls)
    events = client.events(**body)
    assert events[-1]["type"] == "response.failed"
    failed = events[-1]["response"]
    assert failed["error"]["message"].startswith("Container with id 'cntr_")
    [call] = failed["output"]
    assert (call["type"], call["status"]) == ("code_interpreter_call", "completed")

    if not auto:
        body["tools"][0]["container"] = container(client)
    client.emulator.world.model = Meanwhile(partial(client.clock.sleep, idle), *calls)
    assert client.error("POST", "/responses", body)[0] == 404


def test_who_cancels_a_response_ends_its_program(client, monkeypatch):
    begun = Signal()
    calls = []

    def noticed(*arguments, **options):
        calls.append(arguments[0])
        begun.set()
        return interpreter_run(*arguments, **options)

    interpreter_run = interpreter.run
    monkeypatch.setattr(interpreter, "run", noticed)
    id = container(client)
    endless = Call("code_interpreter", {"code": "while True: pass"})
    client.emulator.world.model = Repeats([endless])
    tool = {"type": "code_interpreter", "container": id}
    body = {"model": "gpt-5-mini", "input": QUESTION, "tools": [tool]}
    first = client.json("POST", "/responses", {**body, "background": True})
    assert begun.wait(5)
    began = time.monotonic()
    client.json("POST", f"/responses/{first['id']}/cancel")
    assert ask(client, "1 + 1", id) == "2\n"
    assert time.monotonic() - began < 5


def test_what_a_program_leaves_is_counted_with_the_files(client, monkeypatch):
    id = container(client)
    ask(client, "x = 'a' * 30_000", id)
    held = client.emulator.store.containers.get(id).size
    assert held > 30_000
    limits = "responses_emulator.resources.workspaces.MAX_BYTES_IN_CONTAINER"
    monkeypatch.setattr(limits, 40_000)
    told = ask(client, "y = 'b' * 30_000\nopen('a.txt', 'w').write('a')", id)
    assert told == "1\nThere is no room to keep the variables: they are as before."
    assert "NameError" in ask(client, "y", id)
    full = ask(client, "open('b.txt', 'w').write('b' * 30_000)", id)
    assert "No space left" in full
    assert client.emulator.store.containers.get(id).size <= 40_000


def test_the_number_of_files_is_bounded_over_all_calls(client):
    id = container(client)
    each = "for n in range({}, {}): open(f'{{n}}.txt', 'w').close()"
    assert ask(client, each.format(0, 60), id) == ""
    assert "there may be 100 files" in ask(client, each.format(60, 120), id)
    assert len(files(client, id)) == 60 + 40
    ask(client, "import os\nfor n in range(50): os.remove(f'{n}.txt')", id)
    assert len(files(client, id)) == 50


def test_a_file_keeps_its_folder(client):
    id = container(client)
    code = "import os\nos.makedirs('out/a')\nopen('out/a/b.txt', 'w').write('1')"
    ask(client, code, id)
    assert files(client, id) == [("/mnt/data/out/a/b.txt", 1)]
    assert ask(client, "open('out/a/b.txt').read()", id) == "'1'\n"
    bad = ask(client, "open('a b;c', 'w').write('1')", id)
    assert "'a b;c' was not kept: no room, or no name for a container." in bad
