import pytest

KEY_SAMPLES = ["responses-basic-aoai.py", "responses-basic-aoai-v1.py"]
ENTRA_SAMPLES = ["responses-basic-entra-aoai.py", "responses-basic-entra-aoai-v1.py"]


@pytest.mark.parametrize("name", KEY_SAMPLES + ENTRA_SAMPLES)
def test_basic_asks_one_question_and_prints_the_answer(name, finish, service):
    output = finish(name)

    assert service.created() == [{"model": "gpt-6-luna", "input": "Tell me a joke."}]
    assert len(output.strip()) > 20


@pytest.mark.parametrize("name", KEY_SAMPLES + ENTRA_SAMPLES)
def test_basic_uses_the_layout_of_its_api(name, finish, service):
    finish(name)

    [sent] = service.sent
    assert (sent.method, sent.host) == ("POST", "example.openai.azure.com")
    if name.endswith("-v1.py"):
        assert (sent.path, sent.query) == ("/openai/v1/responses", {})
    else:
        assert sent.path == "/openai/responses"
        assert sent.query == {"api-version": "2025-04-01-preview"}


def test_legacy_sends_the_key_as_api_key(finish, service):
    finish("responses-basic-aoai.py")

    [sent] = service.sent
    assert sent.headers["api-key"] == "the-key"
    assert "authorization" not in sent.headers


def test_v1_sends_the_key_as_bearer(finish, service):
    finish("responses-basic-aoai-v1.py")

    assert service.sent[0].headers["authorization"] == "Bearer the-key"


@pytest.mark.parametrize("name", ENTRA_SAMPLES)
def test_entra_sends_a_token_and_no_key(name, finish, service, monkeypatch):
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")

    finish(name)

    [sent] = service.sent
    scheme, _, token = sent.headers["authorization"].partition(" ")
    assert (scheme, token.count(".")) == ("Bearer", 2)
    assert "api-key" not in sent.headers


def test_stateless_keeps_nothing_and_sends_everything_back(finish, service):
    output = finish("responses-basic-stateless-aoai-v1.py")

    first, second = service.created()
    for body in (first, second):
        assert body["store"] is False
        assert body["include"] == ["reasoning.encrypted_content"]
        assert body["reasoning"] == {"effort": "low"}
        assert "previous_response_id" not in body
    question, reasoning, answer, next_question = second["input"]
    assert question == first["input"][0]
    assert reasoning["type"] == "reasoning"
    assert reasoning["encrypted_content"].startswith("gAAAA")
    assert answer["type"] == "message"
    assert next_question["content"] == "What is my name?"
    assert len(service.emulator.store.responses) == 0
    assert "Ada" in output.splitlines()[-1]
