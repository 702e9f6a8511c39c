import base64
from pathlib import Path

import pytest

LOCAL = ["responses-image-aoai.py", "responses-image-aoai-v1.py"]
REMOTE = ["responses-imageurl-aoai.py", "responses-imageurl-aoai-v1.py"]
COVER = Path(__file__).parents[2] / "assets" / "book_cover.jpg"


@pytest.mark.parametrize("name", LOCAL)
def test_image_sends_the_picture_with_its_true_media_type(name, finish, service):
    output = finish(name)

    [body] = service.created()
    _, picture = body["input"][0]["content"]
    head, _, data = picture["image_url"].partition(",")
    assert head == "data:image/jpeg;base64"
    assert base64.b64decode(data) == COVER.read_bytes()
    assert "JPEG" in output


@pytest.mark.parametrize("name", REMOTE)
def test_imageurl_sends_the_url_alone(name, finish, service):
    output = finish(name)

    [body] = service.created()
    _, picture = body["input"][0]["content"]
    assert picture["image_url"].startswith("https://learn.microsoft.com/")
    assert len(output) > 20
    assert len(service.sent) == 1
