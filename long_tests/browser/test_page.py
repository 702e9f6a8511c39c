"""The page before anybody has said anything, and what the browser is told of it."""

import json

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, V1
from long_tests.browser.pictures import JPEG
from long_tests.browser.scripted import saying
from responses_emulator.account import MODEL

v1_apps = pytest.mark.parametrize("name", [V1, MCP])
HEADINGS = {V1: f"Chat with {MODEL}", MCP: f"Ask Microsoft Learn with {MODEL}"}


@v1_apps
def test_the_page_says_what_it_is_and_offers_three_questions(name, opened, service):
    chat = opened(name)

    heading = chat.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(HEADINGS[name])
    expect(chat.examples).to_have_count(3)
    expect(chat.page.get_by_text("PNG, JPEG, WebP or GIF")).to_be_visible()
    expect(chat.box).to_be_focused()
    assert service.bodies() == []


@v1_apps
def test_an_example_is_asked_by_a_click(name, opened, service):
    chat = opened(name)
    text = chat.examples.first.inner_text().strip()

    chat.examples.first.click()
    chat.questions.get_by_text(text).wait_for()
    chat.wait_until_ready()

    expect(chat.answers.last).not_to_be_empty()
    [body] = service.bodies()
    assert body["input"][0]["content"][0]["text"] == text


def test_an_example_has_a_picture(chat, service):
    chat.examples.last.click()
    chat.questions.nth(1).wait_for()
    chat.wait_until_ready()

    chat.expect_pictures(1)
    picture, text = service.bodies()[0]["input"]
    assert picture["content"][0]["image_url"].startswith("data:image/jpeg;base64,")
    assert text["content"][0]["text"] == "Describe this picture."


@v1_apps
def test_gradios_own_page_violates_no_policy(name, opened, service):
    chat = opened(name)
    chat.attach(JPEG)
    service.answer = saying("```python\nx = 1\n```\n\n$$x^2$$\n\n|a|\n|-|\n|b|")
    answer = chat.ask("Show me.")
    for part in ("pre code .token", ".katex", "table"):
        expect(answer.locator(part).first).to_be_visible()
    chat.expect_pictures(1)
    chat.page.get_by_role("button", name="Use via API").click()
    chat.page.get_by_text("API documentation").first.wait_for()
    chat.page.get_by_text("/chat", exact=True).first.wait_for()
    chat.stand_still()

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
    expect(chat.answers.first.locator("p").first).to_be_visible()
    chat.wait_for(lambda: chat.blocked and chat.violations)
    chat.stand_still()

    assert set(chat.blocked) == {address}
    assert chat.elsewhere == []
    assert chat.page.evaluate("window.hit") is None
    expect(chat.answers.locator("script,iframe,style,link")).to_have_count(0)


def test_nothing_is_sent_to_the_makers_of_gradio(visitor):
    chat = visitor()  # a browser that has nothing in its cache
    expect(chat.ask("Hello!")).to_contain_text("Hello!")
    chat.stand_still()

    assert chat.elsewhere == []
