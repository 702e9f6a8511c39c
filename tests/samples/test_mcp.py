import json

import pytest

from tests.samples.faults import ending_as

SAMPLES = ["responses-mcp-aoai-v1.py", "responses-mcp-entra-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_mcp_prints_the_tools_it_called_and_then_the_answer(name, finish, service):
    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert tool["type"] == "mcp"
    assert tool["server_url"] == "https://learn.microsoft.com/api/mcp"
    assert tool["require_approval"] == "never"
    first, _, answer = output.partition("\n")
    called, _, ended = first.rpartition("): ")
    assert ended == "completed"
    query = json.loads(called.removeprefix("microsoft_docs_search("))
    assert list(query) == ["query"]
    assert "30" in answer


@pytest.mark.parametrize(
    ("status", "error", "shown"),
    [
        ("failed", "Server is busy.", "Server is busy."),
        ("failed", None, "failed"),
        ("incomplete", None, "incomplete"),
        (None, None, "done"),  # from a service that tells no status
    ],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_mcp_says_what_became_of_a_call(name, status, error, shown, run, service):
    call = {
        "id": "mcp_1",
        "type": "mcp_call",
        "server_label": "mslearn",
        "name": "microsoft_docs_search",
        "arguments": "{}",
        "output": None,
        "status": status,
        "error": error,
    }
    service.answer = ending_as(service.emulator, status="completed", output=[call])

    assert f"microsoft_docs_search({{}}): {shown}\n" in run(name).output
