"""Everybody can use the apps: with a screen reader, with a finger, in the dark."""

from importlib.resources import files

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, V1
from long_tests.browser.pictures import PNG
from long_tests.browser.scripted import breaking_off, mcp_call, saying

v1_apps = pytest.mark.parametrize("name", [V1, MCP])
FINGER = 44  # points
# Gradio's own: the sign that folds a thought is a button in what is one already.
GRADIOS = {("serious", "nested-interactive")}
RICH = "```python\nx = 1\n```\n\n|a|b|\n|-|-|\n|1|2|\n\n$$x^2$$ [Learn](https://a.b)"
# Of what is in order, no list is made: that took most of the time.
FOUND = """() => axe.run({resultTypes: ["violations"]}).then(
    found => found.violations.map(
        one => [one.impact, one.id, one.nodes.map(node => node.html)]
    )
)"""
SMALL = """least => [...document.querySelectorAll(
    'button, a[href]:not(.md a), textarea, select, [role=button], label:has(input)'
)].filter(one => one.checkVisibility({opacityProperty: true}))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([_, box]) => box.width && Math.min(box.width, box.height) < least)
    .map(([one]) => one.outerHTML)"""


@pytest.fixture(scope="module")
def axe() -> str:
    """The script that looks for what hinders somebody: axe-core, from a package."""
    return (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")


def converse(chat, service):
    """All that a page can show: a picture, a thought or call, an answer, a note."""
    chat.attach(PNG)
    call = mcp_call("search", '{"query": "x"}')
    service.answer = saying(RICH, thoughts="Well.", calls=[call])
    answer = chat.ask("What is this?")
    for part in ("pre code .token", "table", ".katex", "a"):
        expect(answer.locator(part).first).to_be_visible()
    chat.expect_pictures(1)
    service.answer = breaking_off("This is how it begins")
    chat.ask("Go on.")
    expect(chat.notes).to_have_count(1)


def edit(chat):
    """Begin to change the last question."""
    chat.button("Edit").last.click()
    expect(chat.editor).to_be_focused()
    chat.stand_still()


@v1_apps
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_but_what_is_gradios(
    scheme, name, axe, visitor, service
):
    chat = visitor(name, color_scheme=scheme, bypass_csp=True)
    expect(chat.examples).to_have_count(3)
    chat.page.evaluate(axe)
    found = chat.page.evaluate(FOUND)
    converse(chat, service)
    edit(chat)
    found += chat.page.evaluate(FOUND)

    grave = [one for one in found if one[0] in ("serious", "critical")]
    assert [one for one in grave if (one[0], one[1]) not in GRADIOS] == []


@v1_apps
def test_a_finger_hits_every_control(name, visitor, service):
    chat = visitor(name, viewport={"width": 390, "height": 844}, has_touch=True)
    expect(chat.examples).to_have_count(3)
    small = chat.page.evaluate(SMALL, FINGER)
    converse(chat, service)
    edit(chat)

    assert [*small, *chat.page.evaluate(SMALL, FINGER)] == []


def test_who_likes_it_dark_gets_it_dark(visitor):
    chat = visitor(color_scheme="dark")

    def brightest() -> int:
        colour = chat.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return max(map(int, colour.removeprefix("rgb(").rstrip(")").split(",")))

    chat.wait_for(lambda: brightest() < 50)
