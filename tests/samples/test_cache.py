"""The prompt cache: what the second question finds in it."""

import re

import pytest

SAMPLE = "responses-cache-aoai-v1.py"


@pytest.mark.parametrize("model", ["gpt-6-luna", "gpt-5.4-mini"])
def test_the_second_question_is_answered_from_the_cache(
    model, finish, service, monkeypatch
):
    monkeypatch.setenv("AZURE_OPENAI_API_MODEL", model)

    output = finish(SAMPLE)

    first, second = service.created()
    assert first["instructions"] == second["instructions"]
    assert first["prompt_cache_key"] == second["prompt_cache_key"] == "stock-list-1"
    assert second["previous_response_id"]
    told = re.findall(r"\((\d+) tokens: (\d+) cached, (\d+) written\)", output)
    (total, cached, written), (_, cached_then, written_then) = (
        map(int, each) for each in told
    )
    assert cached == 0
    assert 1024 < cached_then <= total
    if model == "gpt-6-luna":
        assert written == cached_then
        assert 0 < written_then < 200
    else:
        assert written == written_then == 0
