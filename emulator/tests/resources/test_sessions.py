import orjson
import pytest

from emulator.tests.conftest import text
from responses_emulator.account import KEY
from responses_emulator.core import Emulator
from responses_emulator.errors import ServiceError
from responses_emulator.http import Pause, Request
from responses_emulator.resources.sessions import LIMIT_SECONDS, PATH, Session

KEYED = {"api-key": KEY}


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Emulator:
    return Emulator(clock=clock)


@pytest.fixture
def session(emulator: Emulator) -> Session:
    return Session(emulator.world, Request("GET", PATH, KEYED), emulator.handle)


def events(session: Session, message: object) -> list[dict]:
    text = message if isinstance(message, str) else orjson.dumps(message).decode()
    return [event for event in session.answer(text) if not isinstance(event, Pause)]


def create(session: Session, **body: object) -> dict:
    """The last event of a response."""
    message = {"type": "response.create", "model": "gpt-5-mini", **body}
    return events(session, message)[-1]


def said(event: dict) -> str:
    assert event["type"] == "response.completed", event
    return text(event["response"])


def test_a_response_comes_as_the_events_of_a_stream(session, emulator):
    message = {"type": "response.create", "model": "gpt-5-mini", "input": "Hello"}
    frames = events(session, message)

    body = {"model": "gpt-5-mini", "input": "Hello", "stream": True}
    headers = {**KEYED, "content-type": "application/json"}
    request = Request("POST", PATH, headers, orjson.dumps(body))
    streamed = list(emulator.handle(request).body)
    assert [frame["type"] for frame in frames] == [e["type"] for e in streamed]
    assert [frame["sequence_number"] for frame in frames] == list(range(len(frames)))
    assert frames[-1]["response"].keys() == streamed[-1]["response"].keys()


def test_several_responses_go_over_one_connection(session):
    first = create(session, input="My name is Ada.")
    id = first["response"]["id"]
    second = create(session, input="What is my name?", previous_response_id=id)

    assert said(second) == "You said: \u201cMy name is Ada.\u201d"


def test_what_is_not_stored_can_be_gone_on_from_within_the_connection(
    session, emulator
):
    first = create(session, input="My name is Ada.", store=False)
    id = first["response"]["id"]
    asked = {"input": "What is my name?", "previous_response_id": id, "store": False}
    second = create(session, **asked)
    third = create(
        session, **asked | {"previous_response_id": second["response"]["id"]}
    )

    assert said(second) == said(third) == "You said: \u201cMy name is Ada.\u201d"
    assert emulator.store.responses.get(id) is None
    other = Session(emulator.world, Request("GET", PATH, KEYED), emulator.handle)
    assert create(other, **asked)["error"]["code"] == "previous_response_not_found"


def test_a_turn_that_fails_forgets_what_it_went_on_from(session):
    kept = [
        create(session, input="My name is Ada.", store=store) for store in (False, True)
    ]
    only_here, stored = [event["response"]["id"] for event in kept]
    for id in (only_here, stored):
        failed = create(session, input="Hi.", previous_response_id=id, temperature=9)
        assert failed["status"] == 400

    again = create(session, input="What is my name?", previous_response_id=only_here)
    assert again["error"]["code"] == "previous_response_not_found"
    again = create(session, input="What is my name?", previous_response_id=stored)
    assert said(again) == "You said: \u201cMy name is Ada.\u201d"


def test_an_unknown_previous_response_is_an_error_frame(session):
    assert create(session, input="Hi", previous_response_id="resp_1") == {
        "type": "error",
        "status": 400,
        "error": {
            "type": "invalid_request_error",
            "param": "previous_response_id",
            "message": "Previous response with id 'resp_1' not found.",
            "code": "previous_response_not_found",
        },
    }
    assert said(create(session, input="Hello"))  # the connection goes on


def test_a_warm_up_makes_no_output_and_can_be_gone_on_from(session):
    warm = create(
        session, input="My name is Ada.", instructions="Be brief.", generate=False
    )
    assert warm["type"] == "response.completed"
    assert warm["response"]["output"] == []
    assert warm["response"]["usage"]["output_tokens"] == 0

    id = warm["response"]["id"]
    asked = create(session, input="What is my name?", previous_response_id=id)
    assert said(asked) == "You said: \u201cMy name is Ada.\u201d"


def test_after_an_hour_the_connection_takes_no_more(session, clock):
    clock.now += LIMIT_SECONDS - 1
    assert said(create(session, input="Hello"))
    assert not session.is_over

    clock.now += 1
    told = create(session, input="Hello")
    assert told["type"] == "error"
    assert told["status"] == 400
    assert told["error"]["code"] == "websocket_connection_limit_reached"
    assert session.is_over


@pytest.mark.parametrize(
    ("message", "code", "param"),
    [
        ("{", None, None),
        ("[]", None, None),
        ({"input": "Hi"}, "missing_required_parameter", "type"),
        ({"type": "response.creat"}, "invalid_value", "type"),
        ({"type": ["response.create"]}, "invalid_value", "type"),
        ({"type": "response.steer"}, "not_supported_by_emulator", "type"),
        ({"type": "response.create"}, "missing_required_parameter", "model"),
        (
            {"type": "response.create", "model": "gpt-5-mini", "input": "Hi", "n": 1},
            "unknown_parameter",
            "n",
        ),
        (
            {"type": "response.create", "model": "gpt-5-mini", "generate": 0},
            "invalid_type",
            "generate",
        ),
        (
            {"type": "response.create", "model": "gpt-5-mini", "stream_id": "a"},
            "not_supported_by_emulator",
            "stream_id",
        ),
        (
            {"type": "response.create", "model": "gpt-5-mini", "background": True},
            "not_supported_by_emulator",
            "background",
        ),
    ],
)
def test_a_faulty_message_is_an_error_frame(session, message, code, param):
    (told,) = events(session, message)

    assert (told["type"], told["status"]) == ("error", 400)
    assert told["error"]["type"] == "invalid_request_error"
    assert (told["error"]["code"], told["error"]["param"]) == (code, param)
    assert not session.is_over


def test_a_binary_message_is_an_error_frame(session):
    (told,) = session.answer(b'{"type": 1}')

    assert (told["type"], told["status"]) == ("error", 400)


def test_a_frame_of_who_is_to_wait_tells_when_to_come_back(clock):
    emulator = Emulator(clock=clock, rate_limit=1)
    session = Session(emulator.world, Request("GET", PATH, KEYED), emulator.handle)
    assert said(create(session, input="Hello"))
    clock.now += 12.5

    told = create(session, input="Hello")

    assert (told["status"], told["error"]["code"]) == (429, "RateLimitReached")
    assert told["error"]["headers"] == {
        "retry-after": "48",
        "retry-after-ms": "47500",
        "x-ratelimit-limit-requests": "1",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "48",
        "x-ratelimit-limit-tokens": "10000000",
        "x-ratelimit-remaining-tokens": "10000000",
        "x-ratelimit-reset-tokens": "0",
    }


def test_a_frame_of_another_error_has_no_headers(session):
    assert "headers" not in create(session, model="nowhere", input="Hi")["error"]
    assert "headers" not in create(session, input="Hi", top_p=9)["error"]


@pytest.mark.parametrize(
    "headers", [KEYED, {"authorization": f"Bearer {KEY}"}, {"Authorization": "x"}]
)
def test_a_connection_is_opened_with_a_key_in_either_header(emulator, headers):
    request = Request("GET", PATH, headers)
    if "Authorization" in headers:
        with pytest.raises(ServiceError) as refused:
            Session(emulator.world, request, emulator.handle)
        assert refused.value.status == 401
    else:
        assert Session(emulator.world, request, emulator.handle)


@pytest.mark.parametrize(
    "target",
    [
        "/openai/responses",
        "/openai/responses?api-version=2025-04-01-preview",
        "/openai/v1/files",
    ],
)
def test_only_the_v1_path_of_responses_speaks_it(emulator, target):
    with pytest.raises(ServiceError) as refused:
        Session(emulator.world, Request("GET", target, KEYED), emulator.handle)

    assert refused.value.status == 404


def test_an_error_in_plain_text_is_an_error_frame(session, emulator):
    emulator.faults.add("unavailable")
    frame = create(session, input="Hi.")
    assert (frame["status"], frame["error"]["code"]) == (503, "503")
    assert "upstream connect error" in frame["error"]["message"]


def test_a_turn_that_is_delayed_pauses_first_and_others_do_not(session, emulator):
    message = orjson.dumps({"type": "response.create", "model": "gpt-5-mini"}).decode()
    emulator.faults.add("delay", ms=5_000)
    delayed, plain = (list(session.answer(message)) for _ in range(2))
    assert isinstance(delayed[0], Pause) and delayed[0].seconds == 5
    assert not any(isinstance(each, Pause) for each in (*delayed[1:], *plain))
