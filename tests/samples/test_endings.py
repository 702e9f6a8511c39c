"""The judge of the matrix finds what it is there to find."""

import json

import openai
import pytest

from responses_emulator.http import Pause
from tests.samples.endings import (
    everything_said,
    names_the_cause,
    plain,
    reasons,
    text_in,
    trouble,
)

CLIENT = """
import os
from openai import OpenAI
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)
"""


@pytest.fixture
def script(run, tmp_path):
    """Run a few lines with a client."""

    def script(lines):
        path = tmp_path / "script.py"
        path.write_text(CLIENT + lines, "utf-8")
        return run(str(path))

    return script


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("print(client.models.list().data[0].id)", ""),
        ("client.files.create(file=('a.txt', b'a'), purpose='assistants')", "left"),
        ("client.containers.create(name='a')", "left behind"),
        (
            "client.responses.create(model='gpt-6-luna', input='Hi.', background=True)",
            "left behind",
        ),
        ("print(client.api_key)", "a secret is printed"),
        ("raise ValueError(client.api_key)", "a secret is printed"),
        ("import sys; print(client.api_key, file=sys.stderr)", "a secret is printed"),
        (
            "try:\n    raise ValueError(client.api_key)\n"
            "except ValueError as error:\n    raise SystemExit('No.') from error",
            "a secret is printed",
        ),
        (
            "stream = client.responses.create(\n"
            "    model='gpt-6-luna', input='Hi.', stream=True\n)\nnext(iter(stream))",
            "still being read",
        ),
    ],
)
def test_what_no_ending_may_have_is_found(lines, found, script, service):
    result = script(lines)

    assert trouble(result, service, []).startswith(found)
    assert bool(trouble(result, service, [])) == bool(found)


def test_a_request_to_another_host_fails_whatever_is_caught(script):
    with pytest.raises(pytest.fail.Exception, match=r"api\.openai\.com"):
        script(
            "try:\n    OpenAI(api_key='a').models.list()\nexcept Exception:\n    pass"
        )


@pytest.mark.parametrize(
    ("error", "named"),
    [
        (SystemExit("Unfinished: max_output_tokens"), True),
        (SystemExit("No."), False),
        (SystemExit(1), False),
        (openai.OpenAIError("Missing credentials."), True),
        (AttributeError("'NoneType' object has no attribute 'text'"), False),
        (KeyError("output"), False),
        (RuntimeError("Didn't receive a `response.completed` event."), True),
        (RuntimeError("dictionary changed size"), False),
        (json.JSONDecodeError("Expecting value", "", 0), True),
    ],
    ids=repr,
)
def test_an_error_names_its_cause_or_does_not(error, named):
    assert names_the_cause(error) is named


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (401, {"error": {"code": "PermissionDenied", "message": "No."}}, {"No."}),
        (401, {"statusCode": 401, "message": "Unauthorized."}, {"Unauthorized."}),
        (503, None, set()),
        (200, {"status": "completed", "error": None, "output": []}, set()),
        (200, {"incomplete_details": {"reason": "content_filter"}}, {"content_filter"}),
        (200, {"output": [{"type": "mcp_call", "error": "Busy."}]}, {"Busy."}),
        (200, {"response": {"error": {"message": "Broke."}}}, {"Broke."}),
        (200, {"output": [{"content": [{"text": "An error."}]}]}, set()),
    ],
)
def test_the_reasons_in_a_reply_are_the_texts_of_its_errors(status, body, found):
    plain = b"upstream error" if body is None else json.dumps(body).encode()

    for pieces in ([plain], [{"type": "e"}, Pause(1), body or plain]):
        assert reasons(status, pieces) - {"PermissionDenied"} == found


def test_the_text_in_a_reply_is_what_came_of_it():
    kind = {"type": "response.output_text.delta"}
    one, two = {**kind, "delta": "One "}, {**kind, "delta": "two"}
    cut = b'{"output": [{"content": [{"text": "Half"}, {"refusal": "No."}]}, {}]}'

    assert text_in([one, Pause(1), two]) == "One two"
    assert text_in([cut]) == "Half"
    assert text_in([cut[:20]]) == ""


def test_a_hidden_context_is_not_said_and_a_cause_is(script):
    hidden = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise SystemExit('A b.')"
    assert "division by zero" in everything_said(script(hidden))
    assert "division by zero" not in everything_said(script(f"{hidden} from None"))


def test_ids_and_times_do_not_make_another_output():
    assert plain("  0.5 s  queued\nSaved /tmp/a/ig_1.png: 30 days") == plain(
        "  2.5 s  in_progress\n  4.0 s  queued\nSaved /tmp/b/ig_2.png: 30 days"
    )
    assert plain("It is 30 °C.") != plain("I cannot say.")
