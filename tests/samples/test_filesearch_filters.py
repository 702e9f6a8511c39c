import pytest

from responses_emulator.http import json_reply

NAME = "responses-filesearch-filters-aoai-v1.py"


def test_filters_leave_only_the_files_of_that_year_to_the_search(finish, service):
    output = finish(NAME)

    attached = [
        sent.json["attributes"]
        for sent in service.sent
        if sent.method == "POST" and "/vector_stores/vs_" in sent.path
    ]
    assert attached == [{"year": 2025}, {"year": 2026}]
    [body] = service.created()
    [tool] = body["tools"]
    assert tool["filters"] == {"type": "eq", "key": "year", "value": 2026}
    assert tool["max_num_results"] == 5
    assert body["include"] == ["file_search_call.results"]
    found, _, answer = output.partition("\n")
    assert found.startswith("policy-2026.txt, score ")
    assert "150 euros" in answer
    assert "2025" not in output


def test_filters_delete_the_store_before_its_files(finish, service):
    finish(NAME)

    deleted = [path for method, path in service.calls() if method == "DELETE"]
    assert sorted("/vector_stores/" in path for path in deleted) == [False, False, True]


@pytest.mark.parametrize("at", [1, 2])
def test_filters_delete_all_when_a_file_cannot_be_attached(at, run, service):
    attempts = []

    def answer(request):
        if request.method == "POST" and "/vector_stores/vs_" in request.path:
            attempts.append(request)
            if len(attempts) == at:
                return json_reply({"error": {"message": "No.", "code": "no"}}, 403)
        return None

    service.answer = answer

    result = run(NAME)

    assert type(result.error).__name__ == "PermissionDeniedError"
    assert service.left_behind() == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [("indexing-fails", "Indexing failed: "), ("indexing-never-ends", "Indexing in_")],
)
def test_filters_say_so_when_indexing_does_not_end_well(fault, message, run, service):
    service.emulator.faults.add(fault, times="all")

    result = run(NAME)

    assert result.stopped_with.startswith(message)
    assert service.created() == []
    assert service.left_behind() == []
