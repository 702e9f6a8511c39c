"""The chat apps, their handler driven as Gradio drives it."""

import asyncio
import base64
import io
import runpy
import struct
import time
from copy import deepcopy
from functools import cache
from itertools import count
from pathlib import Path

import httpx2
import pytest
from gradio.routes import App
from PIL import Image

from emulator.http import json_reply
from tests.samples.conftest import SAMPLES
from tests.samples.faults import ending_as, sse, without_terminal_event

CHATS = [
    "responses-conversation-stream-gradio.py",
    "responses-conversation-stream-gradio-v1.py",
]
LEARN = "responses-mcp-mslearn-gradio-aoai-v1.py"
APPS = [*CHATS, LEARN]


@cache
def loaded(name):
    """An app as Gradio's reload loads it: not launched, and without a visitor."""
    return load(SAMPLES / name)


def load(path):
    async def load():  # in a running loop: else Gradio makes loops and closes none
        return runpy.run_path(str(path), run_name="app")

    return asyncio.run(load())


@pytest.fixture
def app(service, monkeypatch):
    """Open a page of an app, as a new visitor."""
    assert service
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    # Each look at the clock is a second later: an app shows every piece that arrives.
    monkeypatch.setattr(time, "monotonic", map(float, count()).__next__)
    return lambda name: Visitor(name, loaded(name))


class Visitor:
    """One visitor's page: what it shows, turn after turn."""

    def __init__(self, name, module):
        self.multimodal = name in CHATS
        self.demo = module["demo"]
        self.answer = self.demo.fn
        self.client = module["client"]
        self.history = []

    def pages(self, text, files=(), stop_after=None):
        """Every page that one message leads to; the last one becomes history."""
        message = {"text": text, "files": list(files)} if self.multimodal else text

        async def turn():
            pages = []
            generator = self.answer(message, list(self.history))
            async for page in generator:
                pages.append(deepcopy(page))
                if len(pages) == stop_after:
                    await generator.aclose()
                    break
            return pages

        pages = asyncio.run(turn())
        self.history.append({"role": "user", "content": text, "metadata": None})
        self.history += [{"role": "assistant", **bubble} for bubble in pages[-1]]
        return pages

    def say(self, text, files=()):
        """The last bubble of the answer to one message."""
        return self.pages(text, files)[-1][-1]["content"]

    def undo(self):
        """Take the last turn off the page."""
        while self.history.pop()["role"] != "user":
            pass


@pytest.mark.parametrize("name", APPS)
def test_the_answer_grows_and_carries_its_id_when_it_is_whole(name, app, service):
    pages = app(name).pages("Write me a poem about the sea.")

    assert all(pages)  # until there is something to read, Gradio shows that it waits
    texts = [page[-1]["content"] for page in pages]
    answers = [text for text in texts if texts[-1].startswith(text)]
    assert len(set(answers)) > 20
    [stored] = service.emulator.store.responses
    assert pages[-1][-1]["metadata"]["id"] == stored.body["id"]
    assert stored.body["output"][-1]["content"][0]["text"] == texts[-1]


@pytest.mark.parametrize("name", APPS)
def test_the_page_is_not_redrawn_for_every_token(name, app, service, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all tokens come at once

    pages = visitor.pages("Write me a poem about the sea.")

    [stored] = service.emulator.store.responses
    assert len(pages) < 25
    assert pages[-1][-1]["content"] == stored.body["output"][-1]["content"][0]["text"]


@pytest.mark.parametrize("name", CHATS)
def test_thoughts_stream_above_the_answer_and_fold_up(name, app, service):
    pages = app(name).pages("Write me a poem about the sea.")

    thinking = [page for page in pages if len(page) == 1][:-1]
    assert len(thinking) > 5
    for page in thinking:
        assert page[0]["metadata"]["title"]
        assert page[0]["metadata"].get("status") != "done"
    thought, _ = pages[-1]
    assert thought["metadata"]["status"] == "done"
    assert service.created()[0]["reasoning"]["summary"] == "auto"


@pytest.mark.parametrize("name", CHATS)
def test_a_thought_is_shown_to_its_end_before_the_answer(name, app, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all tokens come at once

    pages = visitor.pages("Write me a poem about the sea.")

    thoughts = pages[-1][0]["content"]
    assert thoughts in [page[0]["content"] for page in pages if len(page) == 1]


@pytest.mark.parametrize("model", ["gpt-5.4-mini", "gpt-6-luna"])
@pytest.mark.parametrize("name", CHATS)
def test_a_model_that_thinks_only_when_asked_is_asked(name, model, app, monkeypatch):
    visitor = app(name)
    monkeypatch.setitem(visitor.answer.__globals__, "MODEL", model)

    thoughts, answer = visitor.pages("Write me a poem about the sea.")[-1]

    assert thoughts["content"]
    assert thoughts["metadata"]["title"] == "Thinking"
    assert answer["content"]


@pytest.mark.parametrize("name", APPS)
def test_a_conversation_goes_on_from_the_page(name, app, service):
    visitor = app(name)
    visitor.say("My name is Ada.")
    visitor.say("Hello!")

    assert "Ada" in visitor.say("What is my name?")
    first, second, third = service.created()
    ids = [record.body["id"] for record in service.emulator.store.responses]
    assert first["previous_response_id"] is None
    assert second["previous_response_id"] == ids[0]
    assert third["previous_response_id"] == ids[1]


@pytest.mark.parametrize("name", APPS)
def test_what_is_undone_is_no_longer_known(name, app):
    visitor = app(name)
    visitor.say("Hello!")
    visitor.say("My name is Ada.")
    visitor.undo()

    assert "Ada" not in visitor.say("What is my name?")


@pytest.mark.parametrize("name", APPS)
def test_visitors_share_nothing(name, app, service):
    ada = app(name)
    bob = app(name)
    ada.say("My name is Ada.")

    assert "Ada" not in bob.say("What is my name?")
    assert service.created()[1]["previous_response_id"] is None
    assert "Ada" in ada.say("What is my name?")


@pytest.mark.parametrize("name", APPS)
def test_nobody_waits_for_another_visitor(name, app):
    demo = app(name).demo

    [limit] = {
        function.concurrency_limit
        for function in demo.default_config.fns.values()
        if function.name == "_submit_fn"
    }
    if limit == "default":
        limit = demo._queue.default_concurrency_limit
    assert limit is None


@pytest.mark.parametrize("name", APPS)
def test_stopping_closes_the_request_and_the_conversation_goes_on(name, app, service):
    visitor = app(name)
    visitor.say("My name is Ada.")
    visitor.pages("Write me a poem about the sea.", stop_after=12)

    stopped = list(service.emulator.store.responses)[-1]
    assert stopped.body["status"] == "cancelled"
    assert "Ada" in visitor.say("What is my name?")


def picture(path, format):
    Image.new("RGB", (4, 4), "teal").save(path, format)
    return str(path)


@pytest.mark.parametrize("name", CHATS)
def test_pictures_are_sent_with_their_true_media_type(name, app, service, tmp_path):
    files = [
        picture(tmp_path / "a.png", "PNG"),
        picture(tmp_path / "b.png", "JPEG"),  # whatever its name says
        picture(tmp_path / "c.webp", "WEBP"),
        picture(tmp_path / "d.gif", "GIF"),
    ]
    answer = app(name).say("What are these?", files)

    [body] = service.created()
    text, *images = body["input"][0]["content"]
    assert text == {"type": "input_text", "text": "What are these?"}
    heads = [image["image_url"].partition(",")[0] for image in images]
    assert heads == [
        f"data:image/{kind};base64" for kind in ("png", "jpeg", "webp", "gif")
    ]
    data = base64.b64decode(images[1]["image_url"].partition(",")[2])
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert "4 x 4" in answer


@pytest.mark.parametrize("name", CHATS)
def test_pictures_are_deleted_after_a_day_and_with_the_app(
    name, app, tmp_path, monkeypatch
):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    demo = app(name).demo
    monkeypatch.setattr(demo, "max_file_size", None, raising=False)  # as launch() does
    assert demo.delete_cache[1] == 24 * 3600

    async def upload_and_end():
        web = App.create_app(demo)
        transport = httpx2.ASGITransport(web)
        async with (
            web.router.lifespan_context(web),
            httpx2.AsyncClient(transport=transport, base_url="http://app") as client,
        ):
            files = {"files": ("x.png", b"a picture", "image/png")}
            reply = await client.post("/gradio_api/upload", files=files)
            [path] = map(Path, reply.json())
            assert path.read_bytes() == b"a picture"
        return path

    assert not asyncio.run(upload_and_end()).exists()


@pytest.mark.parametrize("name", CHATS)
def test_what_is_no_picture_is_refused_before_anything_is_sent(
    name, app, service, tmp_path
):
    file = tmp_path / "secret.png"
    file.write_text("not a picture")

    answer = app(name).say("What is this?", [str(file)])

    assert "PNG, JPEG, WebP and GIF" in answer
    assert str(tmp_path) not in answer
    assert service.sent == []


@pytest.mark.parametrize("name", CHATS)
def test_a_picture_of_too_many_points_is_refused_before_anything_is_sent(
    name, app, service, tmp_path
):
    file = tmp_path / "bomb.gif"
    size = struct.pack("<HH", 20_000, 20_000)
    file.write_bytes(b"GIF89a" + size + b"\0\0\0," + bytes(4) + size + b"\0\2\0;")

    assert "178 megapixels" in app(name).say("What is this?", [str(file)])
    assert service.sent == []


def failing(status, body, headers=None):
    def answer(_):
        reply = json_reply(body, status)
        reply.headers |= headers or {}
        return reply

    return answer


MESSAGE = "Access denied due to invalid subscription key."
FAULTS = {
    "wrong key": (
        failing(401, {"error": {"code": "401", "message": MESSAGE}}),
        MESSAGE,
    ),
    "expired token": (failing(401, {"statusCode": 401, "message": "Gone."}), "Gone."),
    "deployment": (
        failing(404, {"error": {"code": "DeploymentNotFound", "message": "No such."}}),
        "No such.",
    ),
    "rate limit": (
        failing(429, {"error": {"message": "Wait 60 s."}}, {"retry-after-ms": "1"}),
        "Wait 60 s.",
    ),
    "content filter": (
        failing(400, {"error": {"code": "content_filter", "message": "Filtered."}}),
        "Filtered.",
    ),
    "error frame": (lambda _: sse({"type": "error", "message": "Late."}), "Late."),
    "nested error frame": (
        lambda _: sse({"type": "error", "error": {"message": "Later.", "code": "x"}}),
        "Later.",
    ),
}


@pytest.mark.parametrize(("answer", "sentence"), FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("name", APPS)
def test_a_failure_is_told_in_a_sentence_and_the_conversation_goes_on(
    name, answer, sentence, app, service
):
    visitor = app(name)
    visitor.say("My name is Ada.")
    service.answer = answer
    assert sentence in visitor.say("Hello!")
    service.answer = lambda _: None

    assert "Ada" in visitor.say("What is my name?")


@pytest.mark.parametrize("name", APPS)
def test_what_had_arrived_stays_when_the_stream_breaks_off(name, app, service):
    service.answer = without_terminal_event(service.emulator)

    *_, reply, note = app(name).pages("Write me a poem about the sea.")[-1]

    assert len(reply["content"]) > 100
    assert "broke off" in note["content"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {
                "status": "incomplete",
                "incomplete_details": {"reason": "content_filter"},
            },
            "content_filter",
        ),
        (
            {
                "status": "failed",
                "error": {"code": "server_error", "message": "Sorry."},
            },
            "Sorry.",
        ),
    ],
    ids=["incomplete", "failed"],
)
@pytest.mark.parametrize("name", APPS)
def test_an_unfinished_answer_is_shown_and_said_to_be_so(
    name, changes, reason, app, service
):
    service.answer = ending_as(service.emulator, **changes)

    *_, reply, note = app(name).pages("Write me a poem about the sea.")[-1]

    assert len(reply["content"]) > 100
    assert reason in note["content"]


@pytest.mark.parametrize("name", APPS)
def test_an_unreachable_service_is_told(name, app, service, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(visitor.client, "max_retries", 0)

    def refuse(_):
        raise httpx2.ConnectError("refused")

    service.answer = refuse

    assert "Connection error" in visitor.say("Hello!")


def test_tool_calls_are_shown_with_their_arguments_while_they_run(app):
    pages = app(LEARN).pages("How long is a stored response kept? Look it up.")

    calls = [page[0] for page in pages if "title" in page[0]["metadata"]]
    states = [call["metadata"].get("status") for call in calls]
    assert "pending" in states
    assert states[-1] == "done"
    assert "microsoft_docs_search" in calls[-1]["metadata"]["title"]
    assert '"query"' in calls[-1]["content"]
    running = [c for c in calls if c["metadata"].get("status") == "pending"]
    assert '"query"' in running[-1]["content"]


@pytest.mark.parametrize("name", APPS)
def test_html_of_the_model_is_shown_as_text(name, app, service):
    answer = "a <img src=x> `b <i>` and\n```html\n<p>\n```\n<script>c</script>"
    item = {
        "id": "msg_1",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [],
    }
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    events = [
        {"type": "response.output_item.added", "output_index": 0, "item": item},
        {"type": "response.output_text.delta", "delta": answer, **place},
    ]
    service.answer = lambda _: sse(*events)

    *_, reply, _note = app(name).pages("Hello!")[-1]

    assert reply["content"] == (
        "a &#0060;img src=x> `b &#0060;i>` and\n"
        "```&#00104;tml\n&#0060;p>\n```\n&#0060;script>c&#0060;/script>"
    )


def test_all_apps_make_text_harmless_in_the_same_way():
    """What is shown of one of them, in a browser, is shown of all."""
    ways = set()
    for name in APPS:
        source = (SAMPLES / name).read_text("utf-8")
        for begin, end in (("def bubble(", "async def "), ("KEPT = ", "bot = ")):
            found = source[source.index(begin) :]
            ways.add(found[: found.index(end)].strip())
    assert len(ways) == 2


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize("text", ["<", "![", "```", "``` ", "``` a", "~~~~~"], ids=repr)
def test_no_text_takes_long_to_escape(name, text, app):
    assert app(name)
    bubble = loaded(name)["bubble"]

    began = time.process_time()
    bubble(text * 5_000)

    assert time.process_time() - began < 2
