import pytest

from emulator.tests.subprocesses import printed
from responses_emulator.errors import ServiceError
from responses_emulator.http import Request
from responses_emulator.multipart import Upload, read_form, read_parts

FORM = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
    b'--b\r\nContent-Disposition: form-data; name="expires_after[anchor]"\r\n\r\n'
    b"created_at\r\n"
    b'--b\r\nContent-Disposition: form-data; name="file"; '
    b'filename="Gr\xc3\xb6\xc3\x9fe.txt"\r\nContent-Type: text/plain\r\n\r\n'
    b"one\r\n--two\x00\r\n\r\n--b--\r\n"
)


def request(
    body: bytes, content_type: str = "multipart/form-data; boundary=b"
) -> Request:
    return Request("POST", "/openai/v1/files", {"content-type": content_type}, body)


def test_fields_and_files_come_by_name():
    assert read_form(request(FORM)) == {
        "purpose": "assistants",
        "expires_after[anchor]": "created_at",
        "file": Upload("Größe.txt", "text/plain", b"one\r\n--two\x00\r\n"),
    }


def test_boundary_may_be_quoted():
    kind = 'Multipart/Form-Data; charset=utf-8; boundary="b"'
    assert "file" in read_form(request(FORM, kind))


def test_empty_form_has_no_fields():
    assert read_form(request(b"--b--\r\n")) == {}


@pytest.mark.parametrize(
    ("spelling", "filename"),
    [
        (b"filename=a.txt", "a.txt"),
        (b'filename="a\\"b.txt"', 'a"b.txt'),
        (b'filename="a%22b.txt"', "a%22b.txt"),
        (b'filename="a;b=c.txt"', "a;b=c.txt"),
        (b'filename="\xff.txt"', "\N{REPLACEMENT CHARACTER}.txt"),
        (b"filename=\"x.txt\"; filename*=utf-8''%E6%97%A5.txt", "x.txt"),  # RFC 7578
    ],
)
def test_file_names_come_in_several_spellings(spelling: bytes, filename: str):
    form = FORM.replace(b'filename="Gr\xc3\xb6\xc3\x9fe.txt"', spelling)
    upload = read_form(request(form))["file"]
    assert isinstance(upload, Upload)
    assert upload.filename == filename


def test_malformed_form_is_answered_and_nothing_is_printed():
    # A process of its own: pytest's handlers would hide what logging prints.
    program = (
        "from responses_emulator.errors import ServiceError\n"
        "from responses_emulator.http import Request\n"
        "from responses_emulator.multipart import read_form\n"
        "kind = {'content-type': 'multipart/form-data; boundary=b'}\n"
        "try: read_form(Request('POST', '/openai/v1/files', kind, b'--c'))\n"
        "except ServiceError as error: print(error.status)\n"
    )
    assert printed(program) == "400\n"


def test_large_file_arrives_whole():
    content = bytes(range(256)) * 8192
    body = FORM.replace(b"one\r\n--two\x00\r\n", content)
    upload = read_form(request(body))["file"]
    assert isinstance(upload, Upload)
    assert upload.content == content


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(FORM, "application/json", id="not a form"),
        pytest.param(FORM, "", id="no content type"),
        pytest.param(FORM, "multipart/form-data", id="no boundary"),
        pytest.param(FORM, "multipart/form-data; boundary=c", id="other boundary"),
        pytest.param(FORM, f"multipart/form-data; boundary={'b' * 999}", id="long"),
        pytest.param(b"", "multipart/form-data; boundary=b", id="empty"),
        pytest.param(FORM[:-10], "multipart/form-data; boundary=b", id="cut off"),
        pytest.param(
            b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            id="part without a name",
        ),
        pytest.param(
            b"--b\r\n" + b"X" * 100_000, "multipart/form-data; boundary=b", id="header"
        ),
        pytest.param(
            FORM[:78] * 200 + b"--b--\r\n",
            "multipart/form-data; boundary=b",
            id="parts",
        ),
    ],
)
def test_what_is_no_whole_form_is_a_400(body: bytes, content_type: str):
    with pytest.raises(ServiceError) as raised:
        read_form(request(body, content_type))
    assert raised.value.status == 400
    assert raised.value.body["error"]["type"] == "invalid_request_error"


def test_form_has_at_most_100_parts():
    def form(parts: int) -> bytes:
        part = b'--b\r\nContent-Disposition: form-data; name="%d"\r\n\r\nx\r\n'
        return b"".join(part % number for number in range(parts)) + b"--b--\r\n"

    assert len(read_form(request(form(100)))) == 100
    with pytest.raises(ServiceError) as raised:
        read_form(request(form(101)))
    assert "more than 100 parts" in raised.value.body["error"]["message"]


def part(name: bytes, value: bytes = b"x", header: bytes = b"") -> bytes:
    disposition = b'--b\r\nContent-Disposition: form-data; name="%b"\r\n' % name
    return disposition + header + b"\r\n" + value + b"\r\n"


def test_what_is_no_utf8_is_read_all_the_same():
    form = part(b"a\xff", b"b\xff") + b"--b--\r\n"
    lost = "\N{REPLACEMENT CHARACTER}"
    assert read_form(request(form)) == {f"a{lost}": f"b{lost}"}


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (b"X" * 5_000 + b": y\r\n", "Maximum header size exceeded"),
        (b"X: " + b"y" * 5_000 + b"\r\n", "Maximum header size exceeded"),
        (b"X: y\r\n" * 20, "Maximum header count exceeded"),
    ],
    ids=["a name", "a value", "many"],
)
def test_headers_of_a_part_without_end_are_refused(header: bytes, said: str):
    form = part(b"a", header=header) + b"--b--\r\n"
    with pytest.raises(ServiceError, match=said) as raised:
        read_form(request(form))
    assert raised.value.status == 400


def test_fields_of_one_name_keep_their_order():
    form = part(b"a", b"1") + part(b"b", b"2") + part(b"a", b"3") + b"--b--\r\n"
    assert read_parts(request(form)) == [("a", "1"), ("b", "2"), ("a", "3")]
    assert read_form(request(form)) == {"a": "3", "b": "2"}
    with pytest.raises(ServiceError):
        read_parts(request(form), most=2)


@pytest.mark.parametrize(
    ("body", "content_type", "said"),
    [
        (FORM, "text/plain", "Expected 'multipart/form-data', but got 'text/plain'"),
        (FORM, "multipart/form-data", "has no multipart boundary"),
        (FORM[:-10], "multipart/form-data; boundary=b", "ends before its closing"),
        (
            b"--b\r\nX: y\r\n\r\nx\r\n--b--\r\n",
            "multipart/form-data; boundary=b",
            "a part has no name",
        ),
    ],
)
def test_a_refusal_says_what_is_wrong(body: bytes, content_type: str, said: str):
    with pytest.raises(ServiceError, match=said):
        read_form(request(body, content_type))


def test_without_its_extra_an_upload_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("responses_emulator.extras.find_spec", lambda _: None)
    with pytest.raises(ServiceError, match=r"To take an upload .* 'uploads'"):
        read_form(request(FORM))


def test_a_file_without_a_type_has_none():
    form = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n'
    form += b"x\r\n--b--\r\n"
    assert read_form(request(form)) == {"f": Upload("a", "", b"x")}
