from tests.samples.faults import refusing

NAME = "responses-image-upload-aoai-v1.py"


def test_image_upload_asks_twice_about_one_upload_and_deletes_it(finish, service):
    output = finish(NAME)

    upload = service.sent[0]
    assert upload.path.endswith("/files")
    assert b'name="purpose"\r\n\r\nvision\r\n' in upload.body
    assert b'filename="book_cover.jpg"' in upload.body
    first, second = service.created()
    pictures = [body["input"][0]["content"][1] for body in (first, second)]
    assert pictures[0] == pictures[1]
    assert pictures[0]["type"] == "input_image"
    assert pictures[0]["detail"] == "low"
    deleted = [path for method, path in service.calls() if method == "DELETE"]
    assert deleted == [f"/openai/v1/files/{pictures[0]['file_id']}"]
    assert "What is the title of this book?" in output


def test_image_upload_deletes_it_when_the_question_fails(run, service):
    service.answer = refusing(400, {"error": {"message": "No.", "code": "no"}})

    result = run(NAME)

    assert type(result.error).__name__ == "BadRequestError"
    assert service.left_behind() == []
