from pathlib import Path

import pytest

from responses_emulator.http import json_reply

NAME = "responses-codeinterpreter-files-aoai-v1.py"


@pytest.fixture(autouse=True)
def temporary_folders(monkeypatch, tmp_path_factory):
    """Where the sample saves what it downloads: gone with the test."""
    folder = tmp_path_factory.mktemp("downloads")
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_files_go_into_the_container_and_the_made_one_comes_out(
    finish, service, temporary_folders
):
    output = finish(NAME)

    upload = next(s for s in service.sent if s.path.endswith("/files"))
    assert upload.path.startswith("/openai/v1/containers/cntr_")
    assert b'filename="sales.csv"' in upload.body
    [body] = service.created()
    container = upload.path.split("/")[4]
    assert body["tools"] == [{"type": "code_interpreter", "container": container}]
    [saved] = temporary_folders.rglob("*.csv")
    assert output.endswith(f"Saved {saved}\n")
    assert saved.name == "totals.csv"
    sums = saved.read_text()
    assert "160" in sums and "80" in sums
    assert service.calls()[-1] == ("DELETE", f"/openai/v1/containers/{container}")


@pytest.mark.parametrize(
    "path",
    [
        "/mnt/data/../../../escaped.csv",
        "../escaped.csv",
        "/etc/escaped.csv",
        "a/escaped.csv",
    ],
)
def test_files_named_by_a_model_stay_in_a_folder_of_their_own(
    path, finish, service, temporary_folders
):
    def answer(request):
        if request.method == "GET" and request.path.endswith("/files"):
            file = {
                "id": "cfile_1",
                "object": "container.file",
                "created_at": 1,
                "bytes": 2,
                "container_id": "cntr_1",
                "path": path,
                "source": "assistant",
            }
            page = {"object": "list", "data": [file], "has_more": False}
            return json_reply(page | {"first_id": "cfile_1", "last_id": "cfile_1"})
        if request.path.endswith("/files/cfile_1/content"):
            return json_reply({})
        return None

    service.answer = answer

    output = finish(NAME)

    [saved] = temporary_folders.rglob("escaped.csv")
    assert saved.parent.parent == temporary_folders
    assert output.endswith(f"Saved {saved}\n")
    assert not list(Path.cwd().iterdir())


def test_files_that_are_there_already_are_not_overwritten(finish, temporary_folders):
    finish(NAME)
    finish(NAME)

    assert len(list(temporary_folders.rglob("totals.csv"))) == 2
