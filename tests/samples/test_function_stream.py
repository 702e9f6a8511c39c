import json

import pytest

SAMPLES = ["responses-function-stream-aoai.py", "responses-function-stream-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_function_stream_shows_the_arguments_as_they_come_and_then_whole(
    name, finish, service, monkeypatch
):
    pieces = []
    real = print

    def spy(*values, **options):
        pieces.extend(values if options else ())
        real(*values, **options)

    monkeypatch.setattr("builtins.print", spy)

    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert (tool["name"], tool["strict"], body["stream"]) == ("send_email", True, True)
    [stored] = service.emulator.store.responses
    written = stored.body["output"][-1]["arguments"]
    assert "".join(pieces) == written
    assert len(pieces) > 5
    arguments = json.loads(written)
    assert arguments["to"] == "ada@example.com"
    assert output == f"{written}\nReady to run: send_email with {arguments}\n"
