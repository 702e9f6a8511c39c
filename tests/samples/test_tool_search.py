NAME = "responses-tool-search-aoai-v1.py"


def test_tool_search_shows_what_was_searched_for_loaded_and_called(finish, service):
    output = finish(NAME)

    [body] = service.created()
    *namespaces, search = body["tools"]
    assert search == {"type": "tool_search"}
    assert [each["type"] for each in namespaces] == ["namespace", "namespace"]
    assert [each["name"] for each in namespaces] == ["crm", "warehouse"]
    for each in namespaces:
        assert all(tool["defer_loading"] is True for tool in each["tools"])
    assert output.splitlines() == [
        "Searched: {'paths': ['crm']}",
        "Loaded: crm",
        'Called: crm.list_orders({"customer_id":"CUST-12345"})',
    ]


def test_tool_search_is_not_for_older_models(run, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_MODEL", "gpt-5-mini")

    result = run(NAME)

    assert type(result.error).__name__ == "BadRequestError"
    assert "tool_search" in str(result.error)
