"""The chat apps, their handler driven as Gradio drives it."""

import ast
import asyncio
import base64
import hashlib
import html
import io
import struct
import time
from copy import deepcopy
from functools import cache
from itertools import count
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from responses_emulator.http import json_reply
from tests.samples.apps import load
from tests.samples.conftest import SAMPLES
from tests.samples.faults import ending_as, sse, without_terminal_event

CHATS = [
    "responses-conversation-stream-gradio.py",
    "responses-conversation-stream-gradio-v1.py",
]
LEARN = "responses-mcp-mslearn-gradio-aoai-v1.py"
APPS = [*CHATS, LEARN]


@pytest.fixture
def gr():
    """Gradio: it takes seconds to load, and most processes only look at this file."""
    import gradio

    return gradio


@cache
def loaded(name):
    """An app, once for all tests that change nothing in it."""
    return asyncio.run(load(SAMPLES / name))


@pytest.fixture
def app(service, monkeypatch):
    """Open a page of an app, as a new visitor."""
    assert service
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    # Each look at the clock is a second later: an app shows every piece that arrives.
    monkeypatch.setattr(time, "monotonic", map(float, count()).__next__)
    return lambda name: Visitor(loaded(name))


class Visitor:
    """One visitor's page: what it shows, turn after turn."""

    def __init__(self, module):
        self.module = module
        self.demo = module["demo"]
        self.answer = module["answer"]
        self.client = module["client"]
        self.history = []

    def pages(self, text, files=(), stop=lambda _: False):
        """What each page shows of one turn's answer; the last one becomes history."""
        asked = [*self.history, *self.module["question"](text, list(files))]

        async def turn() -> list:
            pages = []
            generator = self.answer(through_the_page(self.module, asked), "visitor")
            async for page in generator:
                pages.append(deepcopy(page))
                if stop(page):
                    await generator.aclose()
                    break
            return pages

        pages = asyncio.run(turn())
        self.history = [*asked, *pages[-1]]
        return pages

    def say(self, text, files=()):
        """The last message of the answer to one question."""
        return text_of(self.pages(text, files)[-1][-1])

    def undo(self):
        """Take the last turn off the page."""
        while self.history.pop()["role"] != "user":
            pass


def through_the_page(module, history):
    """A history as it comes back from the page."""
    bot = module["bot"]
    return bot.preprocess(bot.postprocess(deepcopy(history)))


def text_of(message):
    [part] = message["content"]
    return part["text"]


def is_note(message):
    """Whether this tells that the answer above it is not whole."""
    return "<mark>" in message["metadata"].get("title", "")


@pytest.mark.parametrize("name", APPS)
def test_the_answer_grows_and_carries_its_id_when_it_is_whole(name, app, service):
    pages = app(name).pages("Write me a poem about the sea.")

    assert all(pages)  # at first: that it thinks
    texts = [text_of(page[-1]) for page in pages]
    answers = [text for text in texts if texts[-1].startswith(text)]
    assert len(set(answers)) > 20
    [stored] = service.emulator.store.responses
    assert pages[-1][-1]["metadata"] == {"id": stored.body["id"]}
    assert stored.body["output"][-1]["content"][0]["text"] == texts[-1]


@pytest.mark.parametrize("name", APPS)
def test_the_page_is_not_redrawn_for_every_token(name, app, service, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all tokens come at once

    pages = visitor.pages("Write me a poem about the sea.")

    [stored] = service.emulator.store.responses
    assert len(pages) < 25
    assert text_of(pages[-1][-1]) == stored.body["output"][-1]["content"][0]["text"]


@pytest.mark.parametrize("name", CHATS)
def test_thoughts_stream_above_the_answer_and_fold_up(name, app, service):
    pages = app(name).pages("Write me a poem about the sea.")

    thinking = [page[0]["metadata"] for page in pages if len(page) == 1]
    assert len(thinking) > 5
    assert {metadata["status"] for metadata in thinking} == {"pending"}
    assert {metadata["title"] for metadata in thinking} == {"Thinking"}
    thought, _ = pages[-1]
    assert thought["metadata"]["status"] == "done"
    assert thought["metadata"]["duration"] > 0
    assert service.created()[0]["reasoning"]["summary"] == "auto"


@pytest.mark.parametrize("name", CHATS)
def test_a_thought_is_shown_to_its_end_before_the_answer(name, app, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all tokens come at once

    pages = visitor.pages("Write me a poem about the sea.")

    thoughts = text_of(pages[-1][0])
    assert thoughts in [text_of(page[0]) for page in pages if len(page) == 1]


@pytest.mark.parametrize("model", ["gpt-5.4-mini", "gpt-6-luna"])
@pytest.mark.parametrize("name", CHATS)
def test_a_model_that_thinks_only_when_asked_is_asked(name, model, app, monkeypatch):
    visitor = app(name)
    monkeypatch.setitem(visitor.answer.__globals__, "MODEL", model)

    thoughts, answer = visitor.pages("Write me a poem about the sea.")[-1]

    assert text_of(thoughts)
    assert thoughts["metadata"]["title"] == "Thinking"
    assert text_of(answer)


@pytest.mark.parametrize("name", APPS)
def test_a_conversation_goes_on_from_the_page(name, app, service):
    visitor = app(name)
    visitor.say("My name is Ada.")
    visitor.say("Hello!")

    assert "Ada" in visitor.say("What is my name?")
    ids = [record.body["id"] for record in service.emulator.store.responses]
    assert previous(service) == [None, *ids[:2]]
    assert [len(body["input"]) for body in service.created()] == [1, 1, 1]


def previous(service):
    """What each request says that it goes on from."""
    return [body["previous_response_id"] for body in service.created()]


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
def test_the_service_is_told_of_a_session_and_of_no_person(name, app, service):
    visitor = app(name)
    visitor.say("Hello!")
    visitor.say("Hello again!")

    [identifier] = {body["safety_identifier"] for body in service.created()}
    assert identifier == hashlib.sha256(b"visitor").hexdigest()


@pytest.mark.parametrize("name", APPS)
def test_nobody_waits_for_another_visitor(name, app):
    demo = app(name).demo

    limits = [
        demo._queue.default_concurrency_limit
        if function.concurrency_limit == "default"
        else function.concurrency_limit
        for function in demo.default_config.fns.values()
        if function.name == "respond"
    ]
    assert limits == [None]


@pytest.mark.parametrize("name", APPS)
def test_nothing_is_told_to_the_makers_of_gradio(name, app):
    assert app(name).demo.analytics_enabled is False


@pytest.mark.parametrize("name", APPS)
def test_stopping_closes_the_request_and_the_model_knows_what_was_read(
    name, app, service
):
    visitor = app(name)
    visitor.say("My name is Ada.")
    poem = "Write me a poem about the sea."
    *_, page = visitor.pages(
        poem, stop=lambda page: "title" not in page[-1]["metadata"]
    )

    stopped = list(service.emulator.store.responses)[-1]
    assert stopped.body["status"] == "cancelled"
    assert "Ada" in visitor.say("What is my name?")
    [*_, body] = service.created()
    assert body["previous_response_id"] == previous(service)[1]
    question, answer, news = body["input"]
    assert question["content"][0]["text"] == poem
    assert answer == {"role": "assistant", "content": text_of(page[-1])}
    assert news["content"][0]["text"] == "What is my name?"


@pytest.mark.parametrize("name", APPS)
def test_the_model_is_sent_word_for_word_what_somebody_wrote(name, app, service):
    text = (
        "# No <b>head</b> & \\(x\\) *a* `b`\n  - c &amp; _d_ $$e$$ 1. [f](g)\n\n\tend"
    )

    app(name).say(text)

    [body] = service.created()
    assert body["input"][0]["content"] == [{"type": "input_text", "text": text}]


def picture(path, format):
    Image.new("RGB", (4, 4), "teal").save(path, format)
    return str(path)


@pytest.mark.parametrize("name", APPS)
def test_pictures_are_sent_with_their_true_media_type(name, app, service, tmp_path):
    files = [
        picture(tmp_path / "a.png", "PNG"),
        picture(tmp_path / "b.png", "JPEG"),  # whatever its name says
        picture(tmp_path / "c.webp", "WEBP"),
        picture(tmp_path / "d.gif", "GIF"),
    ]
    answer = app(name).say("What are these?", files)

    [body] = service.created()
    *images, text = [part for item in body["input"] for part in item["content"]]
    assert text == {"type": "input_text", "text": "What are these?"}
    heads = [image["image_url"].partition(",")[0] for image in images]
    assert heads == [
        f"data:image/{kind};base64" for kind in ("png", "jpeg", "webp", "gif")
    ]
    data = base64.b64decode(images[1]["image_url"].partition(",")[2])
    assert Image.open(io.BytesIO(data)).format == "JPEG"
    assert name == LEARN or "4 x 4" in answer


@pytest.mark.parametrize("name", APPS)
def test_pictures_are_deleted_after_a_day_and_with_the_app(
    name, app, gr, tmp_path, monkeypatch
):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    demo = app(name).demo
    monkeypatch.setattr(demo, "max_file_size", None, raising=False)  # as launch() does
    assert demo.delete_cache[1] == 24 * 3600

    async def upload_and_end():
        web = gr.routes.App.create_app(demo)
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


@pytest.mark.parametrize("name", APPS)
def test_what_is_no_picture_is_refused_before_anything_is_sent(
    name, app, gr, service, tmp_path
):
    file = tmp_path / "secret.png"
    file.write_text("not a picture")

    with pytest.raises(gr.Error) as refused:
        app(name).say("What is this?", [str(file)])

    assert refused.value.message == "secret.png is no PNG, JPEG, WebP or GIF picture."
    assert service.sent == []


@pytest.mark.parametrize("name", APPS)
def test_a_picture_of_too_many_points_is_refused_before_anything_is_sent(
    name, app, gr, service, tmp_path
):
    file = tmp_path / "bomb.gif"
    size = struct.pack("<HH", 20_000, 20_000)
    file.write_bytes(b"GIF89a" + size + b"\0\0\0," + bytes(4) + size + b"\0\2\0;")

    with pytest.raises(gr.Error) as refused:
        app(name).say("What is this?", [str(file)])

    assert refused.value.message == "bomb.gif has more than 178 megapixels."
    assert service.sent == []


@pytest.mark.parametrize("name", APPS)
def test_a_picture_that_is_gone_is_said_to_be_and_the_next_turn_works(
    name, app, service, tmp_path
):
    visitor = app(name)
    file = picture(tmp_path / "a.png", "PNG")
    service.answer = without_terminal_event(service.emulator)
    visitor.say("What is this?", [file])
    service.answer = lambda _: None
    Path(file).unlink()

    assert "Ada" in visitor.say("My name is Ada.")

    gone = service.created()[-1]["input"][0]["content"]
    assert gone == [
        {"type": "input_text", "text": "(A picture that is no longer kept.)"}
    ]


def failing(status, body, headers=None):
    def answer(_):
        reply = json_reply(body, status)
        reply.headers |= headers or {}
        return reply

    return answer


MESSAGE = "Access denied due to invalid subscription key."
NOW = {"retry-after-ms": "1"}
FAULTS = {
    "wrong key": (
        failing(401, {"error": {"code": "401", "message": MESSAGE}}),
        MESSAGE,
    ),
    "expired token": (failing(401, {"statusCode": 401, "message": "Gone."}), "Gone."),
    "deployment": (
        failing(404, {"error": {"code": "DeploymentNotFound", "message": "No such."}}),
        "The service says: No such.",
    ),
    "rate limit": (
        failing(429, {"error": {"message": "Wait 60 s."}}, NOW),
        "The model is busy. Wait a minute",
    ),
    "server error": (failing(503, {}, NOW), "The model failed. Press Retry."),
    "content filter": (
        failing(400, {"error": {"code": "content_filter", "message": "Filtered."}}),
        "The content filter stepped in. Put the question differently.",
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
    note = visitor.pages("Hello!")[-1][-1]
    service.answer = lambda _: None

    assert is_note(note)
    assert sentence in html.unescape(text_of(note))
    assert "Ada" in visitor.say("What is my name?")


@pytest.mark.parametrize("name", APPS)
def test_a_question_that_was_refused_is_not_asked_again(name, app, service):
    visitor = app(name)
    visitor.say("My name is Ada.")
    service.answer = FAULTS["content filter"][0]
    refused = visitor.pages("How does one do harm?")[-1][-1]
    service.answer = FAULTS["rate limit"][0]
    visitor.say("Hello!")
    service.answer = lambda _: None

    assert "Ada" in visitor.say("What is my name?")
    asked = [item["content"][0]["text"] for item in service.created()[-1]["input"]]
    assert asked == ["Hello!", "What is my name?"]
    assert refused["metadata"]["log"] == "the model has not seen the question"


@pytest.mark.parametrize("name", APPS)
def test_what_had_arrived_stays_when_the_stream_breaks_off(name, app, service):
    service.answer = without_terminal_event(service.emulator)

    *_, reply, note = app(name).pages("Write me a poem about the sea.")[-1]

    assert len(text_of(reply)) > 100
    assert text_of(note) == "The connection to the model was lost. Press Retry."
    assert is_note(note)


INCOMPLETE = {
    "status": "incomplete",
    "incomplete_details": {"reason": "content_filter"},
}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (INCOMPLETE, "The content filter stepped in."),
        (
            {**INCOMPLETE, "incomplete_details": {"reason": "max_output_tokens"}},
            "The answer reached its greatest length. Ask for the rest.",
        ),
        (
            {
                "status": "failed",
                "error": {"code": "server_error", "message": "Sorry."},
            },
            "The model failed. Press Retry.",
        ),
        (
            {"status": "failed", "error": {"code": "other", "message": "Sorry."}},
            "The service says: Sorry.",
        ),
    ],
    ids=["filtered", "cut", "failed", "other"],
)
@pytest.mark.parametrize("name", APPS)
def test_an_unfinished_answer_is_shown_and_said_to_be_so(
    name, changes, sentence, app, service
):
    service.answer = ending_as(service.emulator, **changes)

    *_, reply, note = app(name).pages("Write me a poem about the sea.")[-1]

    assert len(text_of(reply)) > 100
    assert is_note(note)
    assert sentence in html.unescape(text_of(note))
    assert ("id" in reply["metadata"]) == (changes["status"] == "incomplete")


@pytest.mark.parametrize("name", APPS)
def test_the_model_knows_of_an_incomplete_answer_what_was_read(name, app, service):
    visitor = app(name)
    service.answer = ending_as(service.emulator, **INCOMPLETE)
    visitor.say("My name is Ada.")
    service.answer = lambda _: None

    assert "Ada" in visitor.say("What is my name?")
    assert (
        previous(service)[1] == next(iter(service.emulator.store.responses)).body["id"]
    )


REFUSAL = "I cannot help with that."


@pytest.mark.parametrize("name", APPS)
def test_a_refusal_is_shown_as_one(name, app, service):
    part = {"type": "refusal", "refusal": REFUSAL}
    item = {
        "id": "msg_1",
        "type": "message",
        "status": "completed",
        "role": "assistant",
        "content": [part],
    }
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    response = {"id": "resp_1", "status": "completed", "output": [item]}
    service.answer = lambda _: sse(
        {"type": "response.refusal.delta", "delta": REFUSAL, **place},
        {"type": "response.refusal.done", "refusal": REFUSAL, **place},
        {"type": "response.completed", "response": response},
    )

    reply, note = app(name).pages("How does one do harm?")[-1]

    assert text_of(reply) == REFUSAL
    assert reply["metadata"]["id"] == "resp_1"
    assert is_note(note)
    assert text_of(note).startswith("The model declined to answer.")


@pytest.mark.parametrize("name", APPS)
def test_an_unreachable_service_is_told(name, app, service, monkeypatch):
    visitor = app(name)
    monkeypatch.setattr(visitor.client, "max_retries", 0)

    def refuse(_):
        raise httpx2.ConnectError("refused")

    service.answer = refuse

    assert "The connection to the model was lost." in visitor.say("Hello!")


def test_tool_calls_are_shown_with_their_arguments_while_they_run(app, monkeypatch):
    visitor = app(LEARN)
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)  # all events come at once

    pages = visitor.pages("How long is a stored response kept? Look it up.")

    calls = [
        page[0]
        for page in pages
        if page[0]["metadata"].get("title", "Thinking") != "Thinking"
    ]
    states = [call["metadata"]["status"] for call in calls]
    assert "pending" in states
    assert states[-1] == "done"
    assert "microsoft" in calls[-1]["metadata"]["title"]
    assert '"query"' in text_of(calls[-1])
    assert '"query"' in text_of(
        [c for c, s in zip(calls, states, strict=True) if s == "pending"][-1]
    )


def test_the_emulator_knows_what_the_examples_ask_of_microsoft_learn(app):
    visitor = app(LEARN)

    answers = [visitor.say(one["text"]) for one in visitor.module["examples"]]

    assert ["learn.microsoft.com" in answer for answer in answers] == [True] * 3


SHOWN = {  # what the model says, and what Gradio is given
    "List<String> & a < b": r"List\<String> & a \< b",
    "![x](http://a/b)": r"!\[x](http://a/b)",
    "`List<String>`": "`List<String>`",
    "```html\n<p>\n```": "```html\n<p>\n```",
    "```\n<p>\n```\n<p>": "```\n<p>\n```\n\\<p>",
    "```\n<p>": "```\n<p>",
    "$$a<b$$ and \\(c<d\\)": r"$$a<b$$ and \(c<d\)",
    "```cpp\nint a;\n```": "```c\nint a;\n```",
    "~~~ C++\nint a;\n~~~": "~~~c\nint a;\n~~~",
    "```mermaid\na\n```": "```text\na\n```",
    "- ```constructor\n  a\n  ```": "- ```text\n  a\n  ```",
    "> ````__proto__ x\n> a\n> ````": "> ````text x\n> a\n> ````",
    "```cobol\na\n```": "```text\na\n```",
}


@pytest.mark.parametrize(("text", "shown"), SHOWN.items(), ids=SHOWN)
@pytest.mark.parametrize("name", APPS)
def test_what_gradio_would_swallow_is_shown(name, text, shown, app):
    assert app(name)
    assert loaded(name)["readable"](text) == shown


SHARED = ("news", "as_input", "message", "note", "question", "as_written", "readable")


@pytest.mark.parametrize("function", [*SHARED, "respond"])
def test_what_the_apps_have_in_common_is_the_same_code(function):
    """What is shown of one of them, in a browser, is shown of all."""
    sources = set()
    for name in APPS:
        source = (SAMPLES / name).read_text("utf-8")
        [found] = [
            node
            for node in ast.parse(source).body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == function
        ]
        sources.add(ast.get_source_segment(source, found))
    assert len(sources) == 1


@pytest.mark.parametrize("name", APPS)
@pytest.mark.parametrize(
    "text",
    ["<", "![", "```", "``` ", "``` a", "~~~~~", "`", "$$", "\\(", " ", "\\["],
    ids=repr,
)
def test_no_text_takes_long_to_escape(name, text, app):
    assert app(name)
    began = time.process_time()

    loaded(name)["readable"](text * 5_000)
    loaded(name)["as_written"](text * 5_000)

    assert time.process_time() - began < 2


ASKED = (
    *("localhost:7860", "127.0.0.1:7860", "[::1]:7860"),
    *("cat-7860.app.github.dev", "evil.example"),
)


@pytest.mark.parametrize("name", APPS)
def test_only_the_names_at_the_top_are_answered_and_all_is_guarded(
    name, app, gr, monkeypatch
):
    assert app(name)
    started = {}
    monkeypatch.setattr(gr.Blocks, "launch", lambda _, **how: started.update(how))

    module = asyncio.run(load(SAMPLES / name, run_name="__main__"))

    async def statuses(*more):
        module["HOSTS"].extend(more)  # the list that the middleware has
        web = gr.routes.App.create_app(module["demo"], app_kwargs=started["app_kwargs"])
        transport = httpx2.ASGITransport(web)
        async with httpx2.AsyncClient(transport=transport) as client:
            replies = [await client.get(f"http://{host}/config") for host in ASKED]
        assert {reply.headers["content-security-policy"] for reply in replies} == {
            module["POLICY"].header_value
        }
        return [reply.status_code for reply in replies]

    assert asyncio.run(statuses()) == [200, 200, 200, 400, 400]
    assert asyncio.run(statuses("*.app.github.dev")) == [200, 200, 200, 200, 400]
