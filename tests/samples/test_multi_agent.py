"""Several agents: what they do is listed, and the first one's answer shown alone."""

import json

import pytest

from responses_emulator.http import json_reply

SAMPLE = "responses-multi-agent-aoai-v1.py"


def test_agents_are_listed_and_the_roots_answer_is_shown(finish, service):
    output = finish(SAMPLE)

    [sent] = service.sent
    assert sent.query == {"beta": "true", "api-version": "preview"}
    settings = {"enabled": True, "max_concurrent_subagents": 3}
    assert sent.json["multi_agent"] == settings
    assert output.count("spawn_agent: {") == 3
    assert '{"agent_name":"/root/battery",' in output
    [stored] = service.emulator.store.responses
    *others, last = [i for i in stored.body["output"] if i["type"] == "message"]
    assert output.endswith(f"\n{last['content'][0]['text']}\n")
    assert len(others) == 3
    assert all(each["content"][0]["text"] not in output for each in others)


@pytest.mark.parametrize(
    ("phase", "name"), [("commentary", "/root"), ("final_answer", "/root/battery")]
)
def test_what_is_no_final_answer_of_the_root_is_not_shown(phase, name, run, service):
    def answer(request):
        reply = service.emulator.handle(request)
        response = json.loads(reply.body)
        for item in response["output"]:
            if item["type"] == "message":
                item["phase"] = phase
                item["agent"]["agent_name"] = name
        return json_reply(response)

    service.answer = answer

    assert "Only the generator does" not in run(SAMPLE).output


def test_an_older_model_is_refused_by_name(run, service, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_MODEL", "gpt-5.4-mini")

    result = run(SAMPLE)

    assert result.error.param == "multi_agent"
    assert len(service.sent) == 1
