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
