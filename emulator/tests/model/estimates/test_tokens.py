"""How many tokens something takes: about a quarter of its characters."""

import orjson
import pytest

from responses_emulator.model.estimates.tokens import (
    PICTURE_TOKENS,
    SUMMARY_TOKENS,
    count,
    count_items,
    count_written,
)


@pytest.mark.parametrize(("length", "tokens"), [(0, 0), (1, 1), (4, 1), (5, 2), (8, 2)])
def test_four_characters_are_a_token(length: int, tokens: int) -> None:
    assert count("a" * length) == tokens


def test_a_picture_takes_what_it_is_billed_as_however_large_its_file_is() -> None:
    assert PICTURE_TOKENS == 765
    part = {"type": "input_image", "image_url": "data:" + "a" * 40_000}
    message = {"type": "message", "role": "user", "content": [part]}
    assert count_items([message]) == 4 + PICTURE_TOKENS
    call = {"id": "ig_1", "type": "image_generation_call", "result": None}
    around = len(orjson.dumps(call)) // 4
    assert count_items([call]) == 4 + around
    drawn = {**call, "result": "a" * 40_000}
    assert count_items([drawn]) == 4 + PICTURE_TOKENS + around


def test_each_item_takes_four_besides() -> None:
    text = {"type": "input_text", "text": "a" * 40}
    message = {"type": "message", "role": "user", "content": [text, text]}
    assert count_items([message]) == 4 + 20
    assert count_items([message, message]) == 2 * (4 + 20)
    file = {"type": "input_file", "file_data": "a" * 4_000}
    assert count_items([{**message, "content": [file]}]) == 4
    assert count_items([]) == 0


def test_what_a_tool_has_brought_the_model_has_not_written() -> None:
    for type, added in (
        ("file_search_call", "results"),
        ("code_interpreter_call", "outputs"),
        ("image_generation_call", "result"),
        ("mcp_call", "output"),
        ("mcp_list_tools", "tools"),
    ):
        item = {"type": type, "id": "x_1"}
        brought = {**item, added: "a" * 4_000}
        assert count_written([brought]) == count_items([item]), type
        assert count_items([brought]) > count_written([brought])
    other = {"type": "function_call", "arguments": "a" * 4_000, "output": "b"}
    assert count_written([other]) == count_items([other])
    assert SUMMARY_TOKENS == 64
