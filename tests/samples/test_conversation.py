import builtins

import pytest

SAMPLES = ["responses-conversation-aoai.py", "responses-conversation-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_conversation_remembers_what_was_said_two_turns_ago(name, finish, service):
    typed = "My name is Ada.\nTell me a joke.\nWhat is my name?\nexit\n"

    output = finish(name, stdin=typed)

    first, second, third = service.created()
    ids = [record.body["id"] for record in service.emulator.store.responses]
    assert "previous_response_id" not in first or first["previous_response_id"] is None
    assert second["previous_response_id"] == ids[0]
    assert third["previous_response_id"] == ids[1]
    assert third["input"] == "What is my name?"
    assert "Ada" in output.split("Model: ")[3]


@pytest.mark.parametrize("name", SAMPLES)
def test_conversation_sends_nothing_for_an_empty_line(name, finish, service):
    finish(name, stdin="\n   \nexit\n")

    assert service.sent == []


@pytest.mark.parametrize("name", SAMPLES)
def test_conversation_ends_politely_at_the_end_of_input(name, finish, service):
    output = finish(name, stdin="Hello.\n")  # then Ctrl-D

    assert len(service.sent) == 1
    assert output.endswith("\nGoodbye.\n")


@pytest.mark.parametrize("name", SAMPLES)
def test_conversation_ends_politely_on_ctrl_c(name, finish, service, monkeypatch):
    def interrupted(_prompt):
        raise KeyboardInterrupt

    monkeypatch.setattr(builtins, "input", interrupted)

    output = finish(name)

    assert service.sent == []
    assert output.endswith("\nGoodbye.\n")
