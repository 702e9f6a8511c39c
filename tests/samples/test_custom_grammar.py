from lark import Lark

NAME = "responses-custom-grammar-aoai-v1.py"


def test_grammar_is_kept_by_what_the_model_writes(finish, service):
    output = finish(NAME)

    asked, answered = service.created()
    for body in (asked, answered):
        [tool] = body["tools"]
        assert (tool["type"], tool["format"]["syntax"]) == ("custom", "lark")
    assert asked["tool_choice"] == "required"
    called, answer = output.splitlines()
    name, _, rest = called.partition(": ")
    written, _, total = rest.partition(" = ")
    assert name == "adder"
    assert Lark(tool["format"]["definition"]).parse(written)
    assert (written, total) == ("12 + 7 + 5", "24")
    assert answered["previous_response_id"]
    [result] = answered["input"]
    assert result["type"] == "custom_tool_call_output"
    assert result["output"] == "24"
    assert "24" in answer
