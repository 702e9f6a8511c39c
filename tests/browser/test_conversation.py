import pytest

from tests.browser.conftest import LEGACY, V1

both = pytest.mark.parametrize("name", [V1, LEGACY])


@both
def test_an_answer_comes_and_the_next_one_knows_the_conversation(
    name, visitor, service
):
    chat = visitor(name)

    assert "Kim" in chat.ask("Hello, my name is Kim.")
    assert "Kim" in chat.ask("What is my name?")

    first, second = service.bodies()
    assert "previous_response_id" not in first or first["previous_response_id"] is None
    assert second["previous_response_id"] == service.ids()[0]
    assert chat.elsewhere == []
