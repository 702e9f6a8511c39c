from emulator.masking import mask_headers, mask_json


def test_of_an_authorization_header_the_scheme_is_left() -> None:
    headers = {"authorization": "Bearer eyJ.a.b", "API-Key": "k", "accept": "*/*"}
    assert mask_headers(headers) == {
        "authorization": "Bearer ***",
        "API-Key": "***",
        "accept": "*/*",
    }


def test_what_an_mcp_server_is_sent_is_masked_wherever_the_tool_stands() -> None:
    tool = {"type": "mcp", "authorization": "t", "headers": {"X-Key": "s"}, "a": 1}
    masked = {
        "type": "mcp",
        "authorization": "***",
        "headers": {"X-Key": "***"},
        "a": 1,
    }
    assert mask_json({"response": {"tools": [tool]}}) == {
        "response": {"tools": [masked]}
    }
    assert tool["authorization"] == "t"


def test_absent_secrets_stay_absent() -> None:
    tool = {"type": "mcp", "authorization": None, "headers": None}
    assert mask_json(tool) == tool


def test_an_access_token_is_masked_and_other_fields_of_that_name_are_not() -> None:
    assert mask_json({"access_token": "eyJ", "headers": {"a": "b"}}) == {
        "access_token": "***",
        "headers": {"a": "b"},
    }


def test_endlessly_nested_json_does_not_exhaust_the_stack() -> None:
    value: object = 1
    for _ in range(5000):
        value = [value]
    mask_json(value)
