"""The page before anybody has said anything, and what the browser is told of it."""

import json

import pytest

from responses_emulator.account import MODEL
from tests.browser.conftest import MCP, V1
from tests.browser.pictures import JPEG
from tests.browser.scripted import saying

v1_apps = pytest.mark.parametrize("name", [V1, MCP])
HEADINGS = {V1: f"Chat with {MODEL}", MCP: f"Ask Microsoft Learn with {MODEL}"}


@v1_apps
def test_the_page_says_what_it_is_and_offers_three_questions(name, opened, service):
    chat = opened(name)
    page = chat.page

    assert page.get_by_role("heading", level=1).inner_text() == HEADINGS[name]
    assert chat.examples.count() == 3
    assert "PNG, JPEG, WebP or GIF" in chat.text
    assert chat.box.evaluate("box => box === document.activeElement")
    assert service.bodies() == []


@v1_apps
def test_an_example_is_asked_by_a_click(name, opened, service):
    chat = opened(name)
    text = chat.examples.first.inner_text().strip()

    chat.examples.first.click()
    chat.questions.get_by_text(text).wait_for()
    chat.wait_until_ready()

    assert chat.last_answer
    [body] = service.bodies()
    assert body["input"][0]["content"][0]["text"] == text


def test_an_example_has_a_picture(chat, service):
    chat.examples.last.click()
    chat.questions.nth(1).wait_for()
    chat.wait_until_ready()

    assert chat.loaded_pictures() == 1
    picture, text = service.bodies()[0]["input"]
    assert picture["content"][0]["image_url"].startswith("data:image/jpeg;base64,")
    assert text["content"][0]["text"] == "Describe this picture."


@v1_apps
def test_gradios_own_page_violates_no_policy(name, opened, service):
    chat = opened(name)
    chat.attach(JPEG)
    service.answer = saying("```python\nx = 1\n```\n\n$$x^2$$\n\n|a|\n|-|\n|b|")
    chat.ask("Show me.")
    chat.page.get_by_role("button", name="Use via API").click()
    chat.page.get_by_text("API documentation").first.wait_for()
    chat.page.get_by_text("/chat", exact=True).first.wait_for()

    assert chat.violations == []
    assert chat.blocked == []


def test_the_browser_alone_keeps_the_page_safe(chat):
    """An answer of an earlier chat that says anything: it is in no way escaped."""
    address = "http://127.0.0.1:9/x"
    text = f"""![x]({address}) <img src={address} onerror=window.hit=1>
<script>window.hit = 1</script> <iframe src={address}></iframe> <svg onload=hit=1>
<style>@import url({address})</style> <a href="javascript:hit=1">a</a>
<p style="background: url({address})">b</p> <video src={address}></video>
<form action={address}><button>c</button></form> <link rel=stylesheet href={address}>
"""
    content = [{"type": "text", "text": text}]
    kept = json.dumps([{"role": "assistant", "content": content, "metadata": {}}])
    title = chat.page.title()
    chat.page.evaluate(
        "([key, kept]) => localStorage.setItem(key, kept)",
        [f"{title}\n2026\n0\nAttack", kept],
    )
    chat.reload()

    chat.earlier.first.click()
    chat.answers.first.wait_for()
    chat.wait_for(lambda: bool(chat.blocked))
    chat.stand_still()

    assert set(chat.blocked) == {address}
    assert chat.violations
    assert chat.elsewhere == []
    assert chat.page.evaluate("window.hit") is None
    assert chat.answers.locator("script,iframe,style,link").count() == 0


def test_nothing_is_sent_to_the_makers_of_gradio(visitor):
    chat = visitor()  # a browser that has nothing in its cache
    chat.ask("Hello!")

    assert chat.elsewhere == []
