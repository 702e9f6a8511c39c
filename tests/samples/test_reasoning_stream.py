import pytest

SAMPLES = [
    "responses-reasoning-stream-aoai.py",
    "responses-reasoning-stream-aoai-v1.py",
]


@pytest.mark.parametrize("name", SAMPLES)
def test_reasoning_stream_shows_the_thoughts_before_the_answer(name, finish, service):
    output = finish(name)

    [body] = service.created()
    assert body["stream"] is True
    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}
    [stored] = service.emulator.store.responses
    thoughts, answer = stored.body["output"]
    summary = "".join(f"{part['text']}\n\n" for part in thoughts["summary"])
    text = answer["content"][0]["text"]
    usage = stored.body["usage"]
    tokens = usage["output_tokens_details"]["reasoning_tokens"]
    assert len(thoughts["summary"]) > 1
    assert tokens > 0
    assert output == (
        f"{summary}{text}\n"
        f"({tokens} of {usage['output_tokens']} output tokens were thinking)\n"
    )
