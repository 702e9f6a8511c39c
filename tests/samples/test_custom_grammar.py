from lark import Lark

NAME = "responses-custom-grammar-aoai-v1.py"


def test_grammar_is_kept_by_what_the_model_writes(finish, service):
    output = finish(NAME)

    [body] = service.created()
    [tool] = body["tools"]
    assert (tool["type"], tool["format"]["syntax"]) == ("custom", "lark")
    assert body["tool_choice"] == "required"
    name, _, written = output.removesuffix("\n").partition(": ")
    assert name == "calculator"
    assert Lark(tool["format"]["definition"]).parse(written)
    assert {"12", "7", "5"} <= set(written.split())
