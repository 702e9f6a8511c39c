"""All pages of the gallery, in a browser: slow, since it runs every sample.

Where `make gallery` has written site/ since anything changed, it takes that one.
"""

import functools
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gallery.pages import REPOSITORY
from long_tests.browser.conftest import ARGUMENTS, CHROMIUM
from scripts.samples_table import rows
from tests.collection import GROUPS, PUBLISHED, ROOT
from tests.test_gallery import SECRETS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

MADE_FROM = ("python", "gallery", "docs", "emulator/src", "scripts", "tests/live")
LONGEST = 150_000  # bytes of a page
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
FOUND = """options => axe.run(options).then(
    found => found.violations.map(
        one => [one.impact, one.id, one.nodes.map(node => node.html)]
    )
)"""
WIDER = """() => document.documentElement.scrollWidth - innerWidth"""
CODE = """() => [...document.querySelectorAll(".code pre")].map(pre => {
    const copy = pre.cloneNode(true)
    copy.querySelectorAll("del").forEach(line => line.remove())
    return copy.textContent
}).join("")"""
SHOWN = """() => [...document.querySelectorAll(".card")]
    .filter(card => card.checkVisibility())
    .map(card => card.querySelector("h3").textContent)"""
UNFOLD = (
    """() => document.querySelectorAll("details").forEach(one => one.open = true)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the pages are."""
    made = ROOT / "site" / "index.html"
    sources = [path for place in MADE_FROM for path in (ROOT / place).rglob("*.*")]
    newest = max(
        path.stat().st_mtime for path in sources if "__pycache__" not in path.parts
    )
    if made.exists() and made.stat().st_mtime > newest:
        return made.parent
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "gallery", "--to", str(folder)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=300)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served, as it will be: below a path."""

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=str(site.parent))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{site.name}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> "Iterator[Browser]":
    if not CHROMIUM:
        pytest.skip("no browser: install Chromium (apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: "Browser", address: str) -> "Iterator[Callable[..., Page]]":
    """A tab with these settings, on the list. At the end: all came from here."""
    asked: list[str] = []
    pages: list[Page] = []

    def visit(**settings: object) -> "Page":
        page = browser.new_context(**settings).new_page()  # pyright: ignore
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/index.html")
        pages.append(page)
        return page

    yield visit
    for page in pages:
        page.context.close()
    assert [url for url in asked if not url.startswith((address, "data:"))] == []


def pages(site: Path) -> list[Path]:
    return sorted(site.glob("*.html"))


def test_each_sample_has_its_page_and_each_feature_its_card(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")

    assert len(pages(site)) == len(PUBLISHED) + 1
    assert text.count('<li class="card ') == len(rows())
    assert [text.index(f"{group}</h2>") for group in GROUPS] == sorted(
        text.index(f"{group}</h2>") for group in GROUPS
    )


def test_no_page_is_long(site: Path) -> None:
    assert [p.name for p in pages(site) if p.stat().st_size >= LONGEST] == []


def test_no_page_shows_a_secret(site: Path) -> None:
    for path in pages(site):
        text = path.read_text("utf-8")
        assert not [secret for secret in SECRETS if secret in text], path.name
        assert not re.search(r"eyJ[\w-]{9,}\.", text), f"{path.name} shows a token"


def test_links_lead_somewhere(site: Path) -> None:
    ids = {
        path.name: set(re.findall(r'\bid="([^"]+)"', path.read_text("utf-8")))
        for path in pages(site)
    }
    for path in pages(site):
        text = path.read_text("utf-8")
        for target in re.findall(r'\b(?:href|src)="([^"]*)"', text):
            link = urlsplit(target)
            if link.scheme == "data":
                continue
            if link.scheme:
                assert link.scheme == "https" and "." in link.netloc, target
                assert " " not in target, target
                if target.startswith(f"{REPOSITORY}/blob/main/"):
                    assert (ROOT / link.path.partition("/main/")[2]).exists(), target
                continue
            assert (site / (link.path or path.name)).exists(), f"{path.name}: {target}"
            if link.fragment:
                assert link.fragment in ids[link.path or path.name], target


def with_each_style_once(paths: list[Path]) -> list[Path]:
    """Those pages that have a class in them which no page before has."""
    seen: set[str] = set()
    chosen: list[Path] = []
    for path in paths:
        text = path.read_text("utf-8")
        classes = " ".join(re.findall(r'class="([^"]+)"', text)).split()
        here = {*re.findall(r"<\w+", text), *classes}
        if here - seen:
            chosen.append(path)
        seen |= here
    return chosen


def test_axe_finds_nothing_serious_on_any_page(
    site: Path, address: str, visit: "Callable[..., Page]"
) -> None:
    page = visit(viewport=DESK)
    assert found_by_axe(page, address, pages(site), {"color-contrast": False}) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_every_style_easy_to_read(
    scheme: str, site: Path, address: str, visit: "Callable[..., Page]"
) -> None:
    page = visit(color_scheme=scheme, viewport=DESK)
    assert found_by_axe(page, address, with_each_style_once(pages(site)), {}) == []


def found_by_axe(
    page: "Page", address: str, paths: list[Path], rules: dict[str, bool]
) -> list[object]:
    """What is serious on these pages, all unfolded. `rules` may be switched off."""
    axe = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    options = {
        "resultTypes": ["violations"],
        "rules": {rule: {"enabled": on} for rule, on in rules.items()},
    }
    found: list[object] = []
    for path in paths:
        page.goto(f"{address}/{path.name}")
        page.evaluate(UNFOLD)
        page.evaluate(axe)
        found += [
            (path.name, *one)
            for one in page.evaluate(FOUND, options)
            if one[0] in ("serious", "critical")
        ]
    return found


def test_on_a_phone_no_page_is_wider_than_the_screen(
    site: Path, address: str, visit: "Callable[..., Page]"
) -> None:
    page = visit(viewport=PHONE, has_touch=True)
    wide: list[str] = []
    for path in pages(site):
        page.goto(f"{address}/{path.name}")
        page.evaluate(UNFOLD)
        if page.evaluate(WIDER) > 0:
            wide.append(path.name)
    assert wide == []


def test_what_is_copied_is_the_file_to_the_letter(
    site: Path, address: str, visit: "Callable[..., Page]"
) -> None:
    page = visit(viewport=DESK)
    shown = {}
    for path in pages(site):
        page.goto(f"{address}/{path.name}")
        name = page.locator("a:has-text('.py')[href*='/python/']")
        if name.count():
            shown[name.first.inner_text()] = page.evaluate(CODE)
    assert len(shown) == len(PUBLISHED)
    for name, code in shown.items():
        assert code == (ROOT / "python" / name).read_text("utf-8"), name


def test_the_copy_button_copies(visit: "Callable[..., Page]") -> None:
    page = visit(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="basic", exact=True).click()
    page.get_by_role("button", name="Copy the code").click()

    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == (ROOT / "python/responses-basic-aoai-v1.py").read_text("utf-8")


def test_the_list_is_filtered_as_one_types(visit: "Callable[..., Page]") -> None:
    page = visit()
    box = page.get_by_role("searchbox")

    box.press_sequentially("json")
    assert "structured" in page.evaluate(SHOWN)
    assert len(page.evaluate(SHOWN)) < 10
    assert page.locator("#found").inner_text().endswith(f"of {len(rows())}")

    box.fill("nothing has this")
    assert page.evaluate(SHOWN) == []
    assert page.get_by_text("Nothing has all these words").is_visible()

    box.fill("")
    assert len(page.evaluate(SHOWN)) == len(rows())


@pytest.mark.parametrize(
    ("words", "card"),
    [
        ("stream", "stream-sse"),
        ("json", "structured"),
        ("conversation keeps nothing", "basic-stateless"),
        ("conversation store=false", "basic-stateless"),
        ("deployment", "batch"),
        ("entra", "basic-entra"),
    ],
)
def test_what_newcomers_ask_for_is_found(
    words: str, card: str, visit: "Callable[..., Page]"
) -> None:
    page = visit()
    page.get_by_role("searchbox").fill(words)
    assert card in page.evaluate(SHOWN)


def test_without_a_script_the_list_the_switch_and_the_folds_work(
    visit: "Callable[..., Page]",
) -> None:
    page = visit(java_script_enabled=False)
    assert not page.get_by_role("searchbox").is_visible()

    page.get_by_label("with Entra ID").check()
    assert not page.get_by_role("link", name="stream-sse", exact=True).is_visible()
    page.get_by_role("link", name="basic-entra: v1, Entra ID", exact=True).click()
    assert page.locator("ins:visible").count() == 3
    assert page.locator("del:visible").count() == 1

    switch = page.get_by_role("navigation", name="The same for another API or sign-in")
    switch.get_by_role("link", name="v1", exact=True).click()
    assert page.url.endswith("/basic.html#code")
    fold = page.locator("summary").first
    assert not page.locator(".code pre").first.is_visible()
    fold.click()
    assert page.locator(".code pre").first.is_visible()


def test_a_keyboard_is_enough(visit: "Callable[..., Page]") -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.get_by_role("searchbox").focus()
    page.keyboard.type("compact")
    page.keyboard.press("Enter")  # to the first that was found
    page.keyboard.press("Enter")
    page.wait_for_url("**/compact.html")
