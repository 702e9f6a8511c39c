from pathlib import Path

import pytest

from responses_emulator.http import json_reply

NAME = "responses-codeinterpreter-files-aoai-v1.py"
HOSTED = "responses-shell-hosted-aoai-v1.py"


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


def holding(service, *paths):
    """The container lists files of the model's with these paths, each a `{}`."""

    def answer(request):
        if request.method == "GET" and request.path.endswith("/files"):
            files = [
                {
                    "id": f"cfile_{number}",
                    "object": "container.file",
                    "created_at": 1,
                    "bytes": 2,
                    "container_id": "cntr_1",
                    "path": path,
                    "source": "assistant",
                }
                for number, path in enumerate(paths)
            ]
            page = {"object": "list", "data": files, "has_more": False}
            ends = {"first_id": files[0]["id"], "last_id": files[-1]["id"]}
            return json_reply(page | ends)
        if "/files/cfile_" in request.path:
            return json_reply({})
        return None

    service.answer = answer


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
    holding(service, path)

    output = finish(NAME)

    [saved] = temporary_folders.rglob("escaped.csv")
    assert saved.parent.parent == temporary_folders
    assert output.endswith(f"Saved {saved}\n")
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("name", [NAME, HOSTED])
def test_files_of_the_same_name_do_not_overwrite_each_other(
    name, finish, service, temporary_folders
):
    holding(service, "/mnt/data/totals.csv", "/mnt/data/old/totals.csv")

    output = finish(name)

    saved = list(temporary_folders.rglob("totals.csv"))
    assert len(saved) == 2
    assert all(f"Saved {path}\n" in output for path in saved)


def test_files_that_are_there_already_are_not_overwritten(finish, temporary_folders):
    finish(NAME)
    finish(NAME)

    assert len(list(temporary_folders.rglob("totals.csv"))) == 2
