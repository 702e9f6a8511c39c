import errno
import io
import re
import tempfile
from pathlib import Path

import pytest
from PIL import Image

from tests.samples.conftest import HOST
from tests.samples.faults import ending_as

SAMPLES = [
    "responses-image-generate-aoai-v1.py",
    "responses-image-generate-entra-aoai-v1.py",
]


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_saves_the_picture_and_says_where(name, finish, tmp_path):
    output = finish(name)

    match = re.search(r"Saved (.+)", output)
    assert match
    path = Path(match[1])
    assert path.parent == tmp_path
    picture = Image.open(io.BytesIO(path.read_bytes()))
    assert (picture.format, picture.size) == ("PNG", (1024, 1024))


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_names_both_deployments(name, finish, service):
    finish(name)

    [sent] = service.sent
    assert sent.host == HOST
    assert sent.headers["x-ms-oai-image-generation-deployment"] == "gpt-image-2.5-flare"
    assert sent.json["model"] == "gpt-6-luna"
    assert sent.json["tools"] == [{"type": "image_generation", "output_format": "png"}]


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_keeps_the_picture_where_the_folder_takes_none(
    name, finish, tmp_path, tmp_path_factory, monkeypatch
):
    """The refusal is made up: who runs the suite as root may write everywhere."""
    elsewhere = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    write = Path.write_bytes

    def refuse(path, data):
        if path.absolute().parent == tmp_path:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", refuse)

    output = finish(name)

    assert "The current folder cannot be written to: Permission denied" in output
    [saved] = elsewhere.iterdir()
    assert f"Saved {saved}" in output.splitlines()
    assert saved.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_says_so_when_there_is_none(name, run, service, tmp_path):
    service.answer = ending_as(service.emulator, status="completed", output=[])

    result = run(name)

    assert result.stopped_with == "The model drew no picture."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_says_why_there_is_none_when_it_failed(name, run, service):
    error = {"code": "server_error", "message": "Out of paint."}
    service.answer = ending_as(
        service.emulator, status="failed", error=error, output=[]
    )

    assert "Out of paint." in run(name).stopped_with
