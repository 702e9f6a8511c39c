import json

NAME = "responses-function-choice-aoai-v1.py"


def test_function_choice_prints_what_each_choice_led_to(finish, service):
    output = finish(NAME)

    bodies = service.created()
    assert [body["tool_choice"] for body in bodies] == [
        "auto",
        "none",
        "required",
        {"type": "function", "name": "get_time"},
        {
            "type": "allowed_tools",
            "mode": "auto",
            "tools": [{"type": "function", "name": "get_weather"}],
        },
    ]
    for body in bodies:
        assert [tool["name"] for tool in body["tools"]] == ["get_weather", "get_time"]
        assert body["parallel_tool_calls"] is False
    auto, none, required, this, allowed = output.splitlines()
    for line in (auto, required):
        assert "get_" in line.partition(": ")[2]
    assert not none.startswith("none: get_")
    assert this.startswith("{'type': 'function', 'name': 'get_time'}: get_time(")
    assert "get_weather({" in allowed
    assert json.loads(allowed[allowed.rindex("({") + 1 : -1]) == {"city": "Paris"}
