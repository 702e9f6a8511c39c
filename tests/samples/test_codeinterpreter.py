import pytest

SAMPLES = [
    "responses-codeinterpreter-aoai-v1.py",
    "responses-codeinterpreter-entra-aoai-v1.py",
]


@pytest.mark.parametrize("name", SAMPLES)
def test_codeinterpreter_prints_code_output_and_answer(name, finish, service):
    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert tool["type"] == "code_interpreter"
    assert tool["container"].startswith("cntr_")
    assert body["include"] == ["code_interpreter_call.outputs"]
    [stored] = service.emulator.store.responses
    [call] = [i for i in stored.body["output"] if i["type"] == "code_interpreter_call"]
    ran, _, rest = output.partition("--- It printed:\n")
    printed, _, answer = rest.partition("--- Answer:\n")
    assert ran == f"--- The model ran:\n{call['code']}\n"
    assert printed.strip() == call["outputs"][0]["logs"].strip()
    for part in (printed, answer):
        assert "4" in part and ("2/3" in part or "0.66" in part)


@pytest.mark.parametrize("name", SAMPLES)
def test_codeinterpreter_deletes_the_container(name, finish, service):
    finish(name)

    [stored] = service.emulator.store.responses
    [call] = [i for i in stored.body["output"] if i["type"] == "code_interpreter_call"]
    container = f"/openai/v1/containers/{call['container_id']}"
    assert service.calls() == [
        ("POST", "/openai/v1/containers"),
        ("POST", "/openai/v1/responses"),
        ("DELETE", container),
    ]
