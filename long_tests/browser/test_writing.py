"""What one writes and copies, and code in any language."""

import os
import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, PATIENCE, V1
from long_tests.browser.scripted import breaking_off, held, saying

v1_apps = pytest.mark.parametrize("name", [V1, MCP])
WRITTEN = (
    "# No head\n- no list, <b>not</b> **bold**\n    `x` $$y$$ \\(z\\) &amp; 1. [a](b)"
)
CODE = "int main() { return 0; }"
# The first of these makes Gradio's highlighter fail on a page that has seen no other
# language, those at the end on any: they are names of what every object has.
LANGUAGES = (
    *("cpp", "C++", "c", "python", "php", "rust", "markup-templating", "typescript"),
    *("csharp", "c#", "mermaid", "diff", "", "constructor", "toString", "__proto__"),
)


def test_what_somebody_writes_is_shown_and_edited_as_written(chat, service):
    chat.ask(WRITTEN)

    question = chat.questions.last
    chat.wait_for_value(lambda: question.inner_text().strip(), WRITTEN)
    chat.stand_still()
    expect(question.locator("h1, li, b, strong, code, .katex")).to_have_count(0)
    assert service.bodies()[0]["input"][0]["content"][0]["text"] == WRITTEN
    chat.button("Edit").click()
    expect(chat.editor).to_have_value(WRITTEN)
    expect(chat.editor).to_be_focused()
    chat.page.get_by_title("Submit").click()
    chat.wait_for(lambda: len(service.bodies()) == 2)
    chat.wait_until_ready()
    assert service.bodies()[1]["input"] == service.bodies()[0]["input"]
    chat.click("Undo")
    chat.questions.first.wait_for(state="detached")
    expect(chat.box).to_have_value(WRITTEN)


def test_one_writes_the_next_message_while_an_answer_comes(chat, service):
    answer, go_on = held(saying("So be it. " * 40), "response.output_text.done")
    service.answer = answer
    service.app.delay = 0.005

    chat.send("Well?")
    chat.answers.last.get_by_text("So be it.").wait_for()
    chat.box.fill("And then?")
    chat.box.press("Enter")
    expect(chat.stop).to_be_visible()
    expect(chat.box).to_have_value("And then?")
    go_on()
    chat.wait_until_ready()

    expect(chat.box).to_have_value("And then?")
    assert len(service.bodies()) == 1
    chat.box.press("Enter")
    chat.questions.nth(1).wait_for()
    expect(chat.box).to_have_value("")


def test_nothing_is_sent_where_nothing_was_written(chat, service):
    chat.box.fill("  ")
    chat.box.press("Enter")
    chat.stand_still()

    assert service.bodies() == []
    expect(chat.box).to_have_value("  ")


def test_code_in_any_language_is_shown_and_coloured_where_it_can_be(chat, service):
    service.answer = saying(
        "\n\n".join(f"```{name}\n{CODE}\n```" for name in LANGUAGES)
        + "\n\nThat is all."
    )

    chat.ask("Show me.")
    chat.wait_for_text("That is all.")  # the highlighter is loaded first

    blocks = chat.answers.last.locator("pre code")
    expect(blocks).to_have_text([CODE] * len(LANGUAGES))
    for number in range(6):
        expect(blocks.nth(number).locator(".token").first).to_be_visible()


@pytest.mark.parametrize("name", ["cpp", "constructor"])
def test_the_first_code_of_a_page_may_be_in_any_language(name, chat, service):
    service.answer = saying(f"Look:\n\n```{name}\n{CODE}\n```")

    chat.ask("Show me.")
    chat.answers.last.get_by_text(CODE).wait_for()


def test_an_answer_and_its_code_can_be_copied(visitor, service):
    chat = visitor(permissions=["clipboard-read", "clipboard-write"])
    answer = f"A `List<String>`:\n\n```c\n{CODE}\n```"
    service.answer = saying(answer, thoughts="Well.")
    chat.ask("Show me.")
    copied = "navigator.clipboard.readText()"

    chat.button("Copy message").locator("visible=true").click()
    chat.wait_for(lambda: chat.page.evaluate(copied) == answer)
    button = chat.answers.last.locator(".copy_code_button")
    button.click()
    chat.wait_for(lambda: chat.page.evaluate(copied) == CODE)

    above = button.bounding_box()
    code = chat.answers.last.locator("pre code").bounding_box()
    assert above and code
    assert above["y"] + above["height"] <= code["y"], "it hides nothing"


def test_links_open_in_a_tab_of_their_own(chat, service):
    service.answer = saying("[Learn](https://learn.microsoft.com/)")
    chat.ask("Where?")

    link = chat.answers.last.get_by_role("link", name="Learn")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", re.compile("noopener"))


def test_one_sees_for_how_long_it_has_been_thinking(chat, service):
    answer, go_on = held(
        saying("So be it.", thoughts="Hm."), "response.output_text.delta"
    )
    service.answer = answer
    chat.send("Well?")
    title = chat.thoughts.locator(".title")

    def seconds() -> int:
        count = (
            "title => getComputedStyle(title, '::after').getPropertyValue('--seconds')"
        )
        return int(title.evaluate(count) or 0)

    chat.wait_for(lambda: seconds() >= 2)  # time is quick in these tests
    go_on()
    chat.wait_until_ready()

    expect(title).to_contain_text("s)")


# A process of its own: the client tells Hugging Face of itself, unless it is offline.
PROGRAM = """
import sys
from gradio_client import Client

def say(client, text, history):
    message = {"text": text, "files": []}
    history = client.predict(message, history, api_name="/chat")
    print(" ".join(history[-1]["content"][0]["text"].split()))
    return history

one, other = Client(sys.argv[1], verbose=False), Client(sys.argv[1], verbose=False)
history = say(one, "My name is Kim.", [])
history = say(one, "What is my name?", history)
say(other, "What is my name?", [])
history = say(one, "Break off!", history)
say(one, "What is my name?", history)
"""
OFFLINE = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


@v1_apps
def test_a_program_talks_with_the_app_over_several_turns(name, apps, service):
    cut = breaking_off("This is how it begins")

    def answer(request):
        said = request.json()["input"][-1]["content"][0]["text"]
        return cut(request) if said == "Break off!" else None

    service.answer = answer
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, apps(name)],
        env=os.environ | OFFLINE,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )

    told = done.stdout.splitlines()
    assert len(told) == 5, done.stderr
    assert ["Kim" in line for line in told] == [True, True, False, False, True]
    assert told[3] == "The connection to the model was lost. Press Retry."
    first, second, other, *_ = service.bodies()
    assert first["previous_response_id"] is other["previous_response_id"] is None
    assert second["previous_response_id"] == service.ids()[0]
