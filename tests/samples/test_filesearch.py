import pytest

from responses_emulator.http import json_reply
from tests.samples.faults import refusing

SAMPLES = ["responses-filesearch-aoai.py", "responses-filesearch-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_filesearch_answers_from_the_handbook_and_names_it(name, finish, service):
    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert tool["type"] == "file_search"
    assert body["input"] == "What are the company values?"
    assert output.endswith("Cited: employee_handbook.pdf\n")
    upload = service.sent[0]
    assert upload.method == "POST" and upload.path.endswith("/files")
    assert b'name="purpose"\r\n\r\nassistants\r\n' in upload.body
    assert b'filename="employee_handbook.pdf"' in upload.body


@pytest.mark.parametrize("name", SAMPLES)
def test_filesearch_deletes_the_store_and_then_the_file(name, finish, service):
    finish(name)

    deleted = [sent.path for sent in service.sent if sent.method == "DELETE"]
    assert len(deleted) == 2
    assert "/vector_stores/vs_" in deleted[0]
    assert "/files/assistant-" in deleted[1]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_store_that_is_not_deleted_expires(name, run, service):
    """Ctrl-C or a lost connection before the reply: nobody knows what to delete."""

    def answer(request):
        if request.method == "POST" and request.path.endswith("/vector_stores"):
            service.emulator.handle(request)
            raise KeyboardInterrupt
        return None

    service.answer = answer

    result = run(name)

    assert isinstance(result.error, KeyboardInterrupt)
    [store] = service.emulator.store.vector_stores
    assert store.expires_days == 1


@pytest.mark.parametrize("name", SAMPLES)
def test_filesearch_deletes_both_when_the_question_fails(name, run, service):
    service.answer = refusing(400, {"error": {"message": "No.", "code": "no"}})

    result = run(name)

    assert type(result.error).__name__ == "BadRequestError"
    assert service.left_behind() == []


@pytest.mark.parametrize("name", SAMPLES)
def test_filesearch_deletes_the_file_when_no_store_can_be_made(name, run, service):
    def answer(request):
        if request.method == "POST" and request.path.endswith("/vector_stores"):
            return json_reply({"error": {"message": "No.", "code": "no"}}, 403)
        return None

    service.answer = answer

    result = run(name)

    assert type(result.error).__name__ == "PermissionDeniedError"
    assert service.left_behind() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {
                "status": "failed",
                "last_error": {"code": "invalid_file", "message": "Broken."},
            },
            "Indexing failed: .*Broken",
        ),
        ({"status": "in_progress"}, "Indexing in_progress: None"),
    ],
    ids=["fails", "never ends"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_filesearch_says_so_when_indexing(name, change, message, run, service):
    import json
    import re

    def answer(request):
        if request.method == "DELETE" or not re.search(r"vs_\w+/files", request.path):
            return None
        reply = service.emulator.handle(request)
        return json_reply(json.loads(reply.body) | change)

    service.answer = answer

    result = run(name)

    assert re.match(message, result.stopped_with)
    assert service.left_behind() == []
    assert service.created() == []
    waits = re.findall(r"(?m)^ *(\d+)\.\d s  indexing \S+\.pdf$", result.output)
    assert waits[-1:] == (["120"] if change["status"] == "in_progress" else [])
