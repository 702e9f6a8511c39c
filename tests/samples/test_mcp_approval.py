import pytest

NAME = "responses-mcp-approval-aoai-v1.py"
TOOL = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "allowed_tools": ["microsoft_docs_search"],
    "require_approval": "always",
}


def test_approval_runs_the_call_that_was_agreed_to(finish, service):
    output = finish(NAME, stdin="y\n")

    first, second = service.created()
    assert first["tools"] == second["tools"] == [TOOL]
    asked, answered = service.emulator.store.responses
    [request] = [
        item for item in asked.body["output"] if item["type"] == "mcp_approval_request"
    ]
    assert second["previous_response_id"] == asked.body["id"]
    assert second["input"] == [
        {
            "type": "mcp_approval_response",
            "approval_request_id": request["id"],
            "approve": True,
        }
    ]
    assert [i["type"] for i in answered.body["output"]] == ["mcp_call", "message"]
    first_line, _, rest = output.partition("\n")
    assert first_line == f"mslearn: microsoft_docs_search({request['arguments']})"
    assert "30 days" in rest
    assert "Not run" not in output


@pytest.mark.parametrize(
    "typed",
    ["n\n", "", " y\n", "y \n", "\n", "Y\n", "yes\n", "yn\n", "\ty es\n"],
    ids=repr,
)
def test_approval_takes_anything_but_y_for_no_and_says_what_it_did_not(
    typed, finish, service
):
    output = finish(NAME, stdin=typed)

    _, second = service.created()
    assert second["input"][0]["approve"] is False
    kinds = [
        i["type"] for r in service.emulator.store.responses for i in r.body["output"]
    ]
    assert "mcp_call" not in kinds
    assert output.endswith("\nNot run: microsoft_docs_search\n")
