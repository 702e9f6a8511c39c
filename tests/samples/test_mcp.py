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
    assert ended == "done"
    query = json.loads(called.removeprefix("microsoft_docs_search("))
    assert list(query) == ["query"]
    assert "30" in answer


@pytest.mark.parametrize("name", SAMPLES)
def test_mcp_says_so_when_a_call_failed(name, run, service):
    call = {
        "id": "mcp_1",
        "type": "mcp_call",
        "server_label": "mslearn",
        "name": "microsoft_docs_search",
        "arguments": "{}",
        "output": None,
        "error": "Server is busy.",
    }
    service.answer = ending_as(service.emulator, status="completed", output=[call])

    assert "microsoft_docs_search({}): Server is busy." in run(name).output
