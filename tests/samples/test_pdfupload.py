import base64
from pathlib import Path

import pytest

from tests.samples.faults import refusing

BASE64 = [
    "responses-pdfupload-base64-aoai-v1.py",
    "responses-pdfupload-base64-entra-aoai-v1.py",
]
UPLOAD = ["responses-pdfupload-aoai-v1.py", "responses-pdfupload-aoai-entra-v1.py"]
HANDBOOK = Path(__file__).parents[2] / "assets" / "employee_handbook.pdf"


@pytest.mark.parametrize("name", BASE64)
def test_base64_sends_the_whole_pdf_with_the_question(name, finish, service):
    output = finish(name)

    [sent] = service.sent
    assert sent.path == "/openai/v1/responses"
    file, question = sent.json["input"][0]["content"]
    assert file["type"] == "input_file"
    assert file["filename"] == "employee_handbook.pdf"
    head, _, data = file["file_data"].partition(",")
    assert head == "data:application/pdf;base64"
    assert base64.b64decode(data) == HANDBOOK.read_bytes()
    assert question == {"type": "input_text", "text": "What are the company values?"}
    assert len(output) > 100


@pytest.mark.parametrize("name", UPLOAD)
def test_upload_refers_to_the_file_by_its_id_and_deletes_it(name, finish, service):
    output = finish(name)

    upload, create, delete = service.sent
    assert b'name="purpose"\r\n\r\nassistants\r\n' in upload.body
    assert HANDBOOK.read_bytes() in upload.body
    file = create.json["input"][0]["content"][0]
    assert file["type"] == "input_file"
    assert file["file_id"].startswith("assistant-")
    assert (delete.method, delete.path) == (
        "DELETE",
        f"/openai/v1/files/{file['file_id']}",
    )
    assert len(output) > 100


@pytest.mark.parametrize("name", UPLOAD)
def test_upload_deletes_the_file_when_the_question_fails(name, run, service):
    service.answer = refusing(400, {"error": {"message": "No.", "code": "no"}})

    result = run(name)

    assert type(result.error).__name__ == "BadRequestError"
    assert service.left_behind() == []


def test_all_ways_of_sending_the_pdf_get_the_same_answer(finish):
    assert len({finish(name) for name in BASE64 + UPLOAD}) == 1
