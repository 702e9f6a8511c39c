"""Computer use: what is done on the page, and who says that it may go on."""

import base64

import orjson
import pytest
from playwright.sync_api import Error as PlaywrightError

from responses_emulator.http import json_reply
from tests.samples.browser import PICTURE

COMPUTER = "responses-computer-aoai-v1.py"
NONE = "No browser: install Google Chrome, Microsoft Edge or Chromium."
NOT_DONE = "Not done: what the model wanted to do next on the page.\n"


def calling(service, *actions, checks=()):
    """The model wants these actions at first; then it is itself again."""

    def answer(request):
        if len(service.created()) != 1:
            return None
        reply = service.emulator.handle(request)
        response = orjson.loads(reply.body)
        call = {
            "id": "cu_1",
            "type": "computer_call",
            "call_id": "call_1",
            "status": "completed",
            "actions": list(actions),
            "pending_safety_checks": list(checks),
        }
        stored = service.emulator.store.responses.get(response["id"])
        stored.body["output"] = response["output"] = [call]
        return json_reply(response)

    service.answer = answer


def test_computer_does_what_the_model_wants_and_shows_what_came_of_it(
    finish, service, browser
):
    output = finish(COMPUTER)

    first, *others = service.created()
    assert first["tools"] == [{"type": "computer"}]
    assert len(others) == 3
    for body in others:
        [result] = body["input"]
        assert body["previous_response_id"]
        assert result["type"] == "computer_call_output"
        assert result["output"]["type"] == "computer_screenshot"
        kind, _, data = result["output"]["image_url"].partition(",")
        assert kind == "data:image/png;base64"
        assert base64.b64decode(data) == PICTURE
        assert result["acknowledged_safety_checks"] == []
    assert [name for name, _ in browser.done] == [
        "set_offline",
        "set_content",
        "wait_for_timeout",
        "screenshot",
        "click",
        "type",
        "press",
        "screenshot",
        "wait_for_timeout",
        "wait_for_timeout",
        "screenshot",
    ]
    assert dict(browser.done)["set_offline"] == (True,)
    assert dict(browser.done)["press"] == ("Enter",)
    assert '{"text":"Otters in Space","type":"type"}\n' in output
    assert browser.open == 0


@pytest.mark.parametrize(
    ("action", "done"),
    [
        ({"type": "click", "button": "left", "x": 1, "y": 2}, ("click", (1, 2))),
        ({"type": "keypress", "keys": ["CTRL", "a"]}, ("press", ("Control+a",))),
        ({"type": "type", "text": "hi"}, ("type", ("hi",))),
    ],
)
def test_computer_knows_the_actions(action, done, finish, service, browser):
    calling(service, action)
    finish(COMPUTER)
    assert done in browser.done


@pytest.mark.parametrize(
    "action",
    [
        {"type": "click", "button": "right", "x": 1, "y": 2},
        {"type": "double_click", "x": 1, "y": 2, "keys": None},
        {"type": "scroll", "x": 1, "y": 2, "scroll_x": 0, "scroll_y": 50},
        {"type": "move", "x": 1, "y": 2},
    ],
    ids=lambda action: action["type"],
)
def test_computer_says_what_it_does_not_do(action, finish, service, browser):
    calling(service, action)
    assert "Not done: there is no need for that on this page.\n" in finish(COMPUTER)
    assert browser.done[2][0] == "screenshot"


def test_computer_goes_on_where_an_action_is_impossible(finish, service, browser):
    browser.fails["press"] = PlaywrightError("Unknown key: HYPER")
    calling(service, {"type": "keypress", "keys": ["HYPER"]})
    output = finish(COMPUTER)
    assert "Not done: Unknown key: HYPER\n" in output
    assert len(service.created()) == 4


def test_computer_stops_where_one_turn_has_several_calls(run, service, browser):
    def answer(request):
        response = orjson.loads(service.emulator.handle(request).body)
        call = {
            "id": "cu_1",
            "type": "computer_call",
            "call_id": "call_1",
            "status": "completed",
            "actions": [CLICK],
            "pending_safety_checks": [],
        }
        response["output"] = [call, call | {"id": "cu_2", "call_id": "call_2"}]
        return json_reply(response)

    service.answer = answer
    result = run(COMPUTER)

    several = "Unfinished: the model made several calls in one turn"
    assert result.stopped_with == several
    assert "click" not in dict(browser.done)
    assert browser.open == 0


CHECKS = [
    {"id": "check_1", "code": "malicious_instructions", "message": "Look at this."},
    {"id": "check_2", "code": "sensitive_domain", "message": None},
]
CLICK = {"type": "click", "button": "left", "x": 1, "y": 2}


def test_computer_acknowledges_what_a_person_says_yes_to(finish, service, browser):
    calling(service, CLICK, checks=CHECKS)
    output = finish(COMPUTER, stdin="y\ny\n")

    assert "Look at this. Go on? [y/n] sensitive_domain Go on? [y/n] " in output
    assert ("click", (1, 2)) in browser.done
    [result] = service.created()[1]["input"]
    assert result["acknowledged_safety_checks"] == CHECKS


@pytest.mark.parametrize(
    "answers", ["", "\n", "n\n", "yes\n", "Y\n", " y\n", "y\n", "y\nn\n", "y\n\n"]
)
def test_computer_does_nothing_after_anything_but_y_and_ends_well(
    answers, finish, service, browser
):
    calling(service, CLICK, checks=CHECKS)
    output = finish(COMPUTER, stdin=answers)

    assert NOT_DONE in output
    assert "click" not in dict(browser.done)
    assert len(service.created()) == 1
    assert browser.open == 0


@pytest.mark.parametrize(
    ("installed", "launched"),
    [
        ({"chromium"}, {"executable_path": "/usr/bin/chromium"}),
        ({"chromium-browser"}, {"executable_path": "/usr/bin/chromium-browser"}),
    ],
)
def test_computer_takes_the_browser_that_is_there(
    installed, launched, run, browser, monkeypatch
):
    monkeypatch.setattr(
        "shutil.which", lambda name: f"/usr/bin/{name}" if name in installed else None
    )
    browser.absent = PlaywrightError("not installed")
    run(COMPUTER)
    assert browser.launched == [{"channel": "chrome"}, {"channel": "msedge"}, launched]


def test_computer_says_what_to_install_where_there_is_none(
    run, service, browser, monkeypatch
):
    monkeypatch.setattr("shutil.which", lambda _: None)
    browser.absent = PlaywrightError("not installed")
    result = run(COMPUTER)

    assert result.stopped_with == NONE
    assert service.sent == []
    assert browser.open == 0


def test_computer_stops_a_model_that_keeps_clicking(run, service, browser):
    def answer(request):
        if not request.path.endswith("/responses"):
            return None
        reply = service.emulator.handle(request)
        response = orjson.loads(reply.body)
        number = len(service.sent)
        call = {
            "id": f"cu_{number}",
            "type": "computer_call",
            "call_id": f"call_{number}",
            "status": "completed",
            "actions": [CLICK],
            "pending_safety_checks": [],
        }
        stored = service.emulator.store.responses.get(response["id"])
        stored.body["output"] = response["output"] = [call]
        return json_reply(response)

    service.answer = answer
    result = run(COMPUTER)

    assert result.stopped_with == "Unfinished: no answer after 10 turns"
    assert browser.open == 0
