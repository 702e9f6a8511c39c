"""What the tour makes of a chat app's endpoints and of what it answers."""

import json
import socket
from typing import Any

import pytest

from responses_emulator.commands import chat_app
from responses_emulator.commands.chat_app import NoAnswerError, free_port, settings

TEXT = {
    "parameter_name": "message",
    "label": "Textbox",
    "python_type": {"type": "str"},
    "parameter_default": None,
}
WITH_FILES = TEXT | {"python_type": {"type": "dict(text: str, files: list[filepath])"}}
BY_LABEL = TEXT | {"parameter_name": "param_1", "label": "Message"}
OTHER = TEXT | {"parameter_name": "tone", "parameter_default": "kind"}
EMPTY = TEXT | {"parameter_name": "history", "parameter_default": None}


def info(**endpoints: list[dict[str, Any]]) -> dict[str, Any]:
    """What an app tells of itself."""
    named = {f"/{name}": {"parameters": each} for name, each in endpoints.items()}
    return {"named_endpoints": named}


@pytest.mark.parametrize(
    ("parameters", "sent"),
    [
        ([TEXT], ["Hm?"]),
        ([BY_LABEL], ["Hm?"]),
        ([WITH_FILES], [{"text": "Hm?", "files": []}]),
        ([EMPTY, OTHER, TEXT], [[], "kind", "Hm?"]),
    ],
)
def test_a_message_is_sent_where_it_is_taken(
    parameters: list[dict[str, Any]], sent: list[Any]
) -> None:
    told = info(clear=[OTHER], chat=parameters, again=[TEXT])
    assert chat_app._endpoint(told, "Hm?") == ("call/chat", sent)


def test_an_app_that_takes_no_message_is_none_to_talk_with() -> None:
    for told in (info(), info(clear=[], tone=[OTHER])):
        with pytest.raises(NoAnswerError, match="no endpoint that takes a message"):
            chat_app._endpoint(told, "Hm?")


@pytest.mark.parametrize(
    ("data", "answer"),
    [
        (["Thirty\n days."], "Thirty days."),
        ([[{"content": "Hm."}, {"content": " Thirty\tdays. "}], None], "Thirty days."),
        (
            [[{"content": [{"text": "Thirty"}, {"file": "a"}, {"text": "days."}]}]],
            "Thirty days.",
        ),
        ([[]], None),
        ([None], None),
        ([[{"metadata": {}}]], None),
        ([[{"content": [{"file": "a"}]}]], None),
    ],
)
def test_an_answer_is_the_text_of_the_last_message(
    data: Any, answer: str | None
) -> None:
    if answer is not None:
        assert chat_app._text(data) == answer
        return
    with pytest.raises(NoAnswerError, match="the app's answer is empty"):
        chat_app._text(data)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"error": "Too many\nvisitors."}, "Too many visitors."),
        ({"error": None}, ""),
        ({}, ""),
        ("No.", "No."),
        (None, ""),
    ],
)
def test_an_app_says_why_it_does_not_answer(error: Any, said: str) -> None:
    assert chat_app._told(json.loads(json.dumps(error))) == said


def test_an_app_listens_for_this_machine_alone_and_writes_to_one_folder() -> None:
    assert settings(7860, "/some/where") == {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": "7860",
        "GRADIO_NUM_PORTS": "1",
        "GRADIO_ROOT_PATH": "",
        "GRADIO_SHARE": "False",
        "GRADIO_SSR_MODE": "False",
        "GRADIO_TEMP_DIR": "/some/where",
    }


def test_a_free_port_can_be_listened_on() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", free_port()))
