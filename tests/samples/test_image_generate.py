import io
import re
from pathlib import Path

import pytest
from PIL import Image

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
    assert sent.host == "example-images.openai.azure.com"
    assert sent.headers["x-ms-oai-image-generation-deployment"] == "gpt-image-2.5-flare"
    assert sent.json["model"] == "gpt-6-luna"
    assert sent.json["tools"] == [{"type": "image_generation", "output_format": "png"}]


def test_image_generate_uses_the_key_of_the_image_resource(finish, service):
    finish("responses-image-generate-aoai-v1.py")

    assert service.sent[0].headers["authorization"] == "Bearer the-image-key"


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_says_so_when_there_is_none(name, run, service, tmp_path):
    service.answer = ending_as(service.images, status="completed", output=[])

    result = run(name)

    assert result.stopped_with == "The model drew no picture."
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", SAMPLES)
def test_image_generate_says_why_there_is_none_when_it_failed(name, run, service):
    error = {"code": "server_error", "message": "Out of paint."}
    service.answer = ending_as(service.images, status="failed", error=error, output=[])

    assert "Out of paint." in run(name).stopped_with
