import pytest

NAME = "responses-basic-async-entra-aoai-v1.py"


def test_basic_async_entra_sends_a_token_and_prints_the_answer(finish, service):
    output = finish(NAME)

    assert service.created() == [{"model": "gpt-6-luna", "input": "Tell me a joke."}]
    [sent] = service.sent
    assert sent.headers["authorization"].count(".") == 2  # a token, no key
    assert "api-key" not in sent.headers
    [stored] = service.emulator.store.responses
    assert output == stored.body["output"][-1]["content"][0]["text"] + "\n"


def test_basic_async_entra_closes_its_credential(finish, monkeypatch):
    from azure.identity.aio import DefaultAzureCredential

    closed = []
    close = DefaultAzureCredential.close

    async def noted(self):
        closed.append(self)
        await close(self)

    monkeypatch.setattr(DefaultAzureCredential, "close", noted)

    finish(NAME)

    assert closed


@pytest.mark.filterwarnings("error")
def test_basic_async_entra_leaves_nothing_open(finish):
    finish(NAME)
