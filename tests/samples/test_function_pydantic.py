import pytest

SAMPLES = [
    "responses-function-pydantic-aoai.py",
    "responses-function-pydantic-aoai-v1.py",
]


@pytest.mark.parametrize("name", SAMPLES)
def test_function_pydantic_gives_the_arguments_of_both_calls_as_objects(
    name, finish, service
):
    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert (tool["type"], tool["name"], tool["strict"]) == (
        "function",
        "get_weather",
        True,
    )
    assert tool["description"] == "Get the current weather in a city."
    assert tool["parameters"]["required"] == ["city", "unit"]
    london, paris = output.splitlines()  # and none for a text that is not there
    assert london.startswith("get_weather for London")
    assert paris.startswith("get_weather for Paris")
    assert "in degrees celsius" in london
