import pytest

SAMPLES = ["responses-reasoning-aoai.py", "responses-reasoning-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_reasoning_prints_summary_answer_and_tokens(name, finish, service):
    output = finish(name)

    [body] = service.created()
    assert body["reasoning"] == {"effort": "medium", "summary": "auto"}
    [stored] = service.emulator.store.responses
    reasoning, message = stored.body["output"]
    assert reasoning["summary"]
    for part in reasoning["summary"]:
        assert part["text"] in output
    assert message["content"][0]["text"] in output
    assert "$0.05" in output
    usage = stored.body["usage"]
    thought = usage["output_tokens_details"]["reasoning_tokens"]
    assert 0 < thought < usage["output_tokens"]
    cost = f"({thought} of {usage['output_tokens']} output tokens were thinking)\n"
    assert cost + message["content"][0]["text"] in output
