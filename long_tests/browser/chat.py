"""What a visitor sees of an app and does with it, whatever Gradio calls the parts.

A page is drawn when it is drawn: how soon depends on the machine. So a test reads it
with Playwright's `expect`, which looks until it sees what is expected; what is no part
of the page it waits for with `Chat.wait_for`. That something is not there is told only
after what would come later, or at the same time, is there.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import (
        ConsoleMessage,
        FilePayload,
        Locator,
        Page,
        Request,
    )

TIMEOUT = 60_000  # milliseconds: for a machine that has much else to do
FAST = 20  # what folds up does so that much sooner than Gradio has it
OFTEN = 20  # milliseconds between two looks; locators look twice a second
READY = """() =>
    document.querySelector('[data-testid=submit-button]')?.checkVisibility() &&
    !document.querySelector('.loading-spinner')"""
RUN = """modules => new Promise(go => setTimeout(go, 10)).then(
    () => Promise.all(modules.map(one => import(one))))"""
DRAWN = """pictures => Promise.all(
    pictures.map(one => one.decode().then(() => one.naturalWidth > 0, () => false)))"""
FRAMES = "new Promise(go => requestAnimationFrame(() => requestAnimationFrame(go)))"

expect.set_options(timeout=TIMEOUT)


@dataclass
class Chat:
    """One page with an app in it."""

    page: "Page"
    url: str
    asked: "set[Request]" = field(default_factory=set)  # of the app, not yet answered
    due: bool = False  # a message was sent; the stream that answers is yet to be asked
    modules: list[str] = field(default_factory=list)  # fetched, and perhaps not yet run
    elsewhere: list[str] = field(default_factory=list)  # requests to other places
    blocked: list[str] = field(default_factory=list)  # those that the browser refused
    violations: list[str] = field(default_factory=list)  # what the console says of it

    @classmethod
    def open(cls, page: "Page", url: str) -> "Chat":
        chat = cls(page, url)
        page.set_default_timeout(TIMEOUT)
        tools = page.context.new_cdp_session(page)
        tools.send("Animation.enable")
        tools.send("Animation.setPlaybackRate", {"playbackRate": FAST})
        page.on("request", chat.note)
        page.on("requestfinished", chat.note_end)
        page.on("requestfailed", chat.note_failure)
        page.on("console", chat.note_console)
        chat.reload()
        return chat

    def reload(self, *, forget: bool = False) -> None:
        """Load the page again; the browser may forget the chats that it has kept."""
        if forget:
            self.page.evaluate("localStorage.clear()")
        self.asked.clear()
        self.due = False
        self.page.goto(self.url, wait_until="commit")
        self.page.wait_for_function(READY)
        self.modules.clear()  # those of the page itself
        self.wait_until_ready()
        for noted in (self.elsewhere, self.blocked, self.violations):
            noted.clear()

    def note(self, request: "Request") -> None:
        path = request.url.removeprefix(self.url)
        if path != request.url and "/heartbeat/" not in path:
            self.asked.add(request)
        if "/queue/join" in path:
            self.due = not any("/queue/data" in other.url for other in self.asked)
        if "/queue/data" in path:
            self.due = False
        if path.startswith("/assets/") and path.endswith(".js"):
            self.modules.append(request.url)
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def note_end(self, request: "Request") -> None:
        self.asked.discard(request)

    def note_failure(self, request: "Request") -> None:
        self.note_end(request)
        if request.failure == "csp":
            self.elsewhere.remove(request.url)
            self.blocked.append(request.url)

    def note_console(self, message: "ConsoleMessage") -> None:
        if "Content Security Policy" in message.text:
            self.violations.append(message.text)

    @property
    def box(self) -> "Locator":
        """Where one types."""
        return self.page.get_by_test_id("textbox")

    @property
    def submit(self) -> "Locator":
        """The button that sends; it is there when nothing is being answered."""
        return self.page.get_by_test_id("submit-button")

    @property
    def stop(self) -> "Locator":
        """The button that takes its place while an answer is written."""
        return self.button("Stop")

    @property
    def earlier(self) -> "Locator":
        """The chats that the browser has kept, the newest first."""
        return self.page.get_by_role("radio")

    @property
    def titles(self) -> "Locator":
        """What these are called."""
        return self.page.locator("fieldset label")

    def open_earlier(self, title: str) -> None:
        """Open a chat that the browser has kept."""
        self.titles.filter(has_text=title).last.click()
        self.questions.first.wait_for()
        self.stand_still()

    @property
    def examples(self) -> "Locator":
        """The questions that one can ask by a click."""
        return self.page.get_by_role("button", name="Select example")

    def button(self, name: str) -> "Locator":
        return self.page.get_by_role("button", name=name, exact=True)

    @property
    def questions(self) -> "Locator":
        return self.page.get_by_test_id("user")

    @property
    def bubbles(self) -> "Locator":
        """All that came from the app: thoughts, tool calls, answers, failures."""
        return self.page.get_by_test_id("bot")

    @property
    def thoughts(self) -> "Locator":
        """What can be folded: thoughts and tool calls."""
        return self.page.locator(".thought-group")

    @property
    def spinners(self) -> "Locator":
        """What turns as long as a thought or tool call is not done."""
        return self.thoughts.locator(".loading-spinner")

    @property
    def notes(self) -> "Locator":
        """What tells why an answer is not whole."""
        return self.page.locator(".thought-group:has(mark)")

    @property
    def told(self) -> "Locator":
        """The last of these, without its heading and the sign that folds it."""
        return self.notes.last.locator(".content")

    @property
    def answers(self) -> "Locator":
        """What came from the app and can't be folded."""
        return self.bubbles.filter(has_not=self.thoughts)

    @property
    def said(self) -> "Locator":
        """All that is to be read in the conversation."""
        return self.page.get_by_role("log")

    def attach(self, *files: "Path | FilePayload") -> None:
        """Pick files and wait until they are there."""
        self.pick(*files)
        self.thumbnails.nth(len(files) - 1).wait_for()

    def pick(self, *files: "Path | FilePayload") -> None:
        """Choose files as one does in the file dialog."""
        picker = self.page.get_by_test_id("file-upload").first
        picker.set_input_files(list(files))  # pyright: ignore[reportArgumentType]

    @property
    def thumbnails(self) -> "Locator":
        """The files that go with the next message."""
        return self.page.locator(".thumbnail-item")

    def expect_pictures(self, count: int) -> None:
        """Wait until so many pictures are to be seen in the conversation."""
        pictures = self.questions.locator("img")
        self.wait_for_value(lambda: pictures.evaluate_all(DRAWN), [True] * count)

    def paste(self, *files: "FilePayload", padding: int = 0) -> None:
        """Paste files, each with so many bytes more."""
        how = ("paste", "ClipboardEvent", "clipboardData")
        self._transfer(self.box, files, padding, how)

    def drop(self, *files: "FilePayload", padding: int = 0) -> None:
        """Drop files, each with so many bytes more."""
        place = self.page.get_by_role("group", name="Multimedia input field")
        self._transfer(place, files, padding, ("drop", "DragEvent", "dataTransfer"))

    def _transfer(
        self,
        place: "Locator",
        files: "tuple[FilePayload, ...]",
        padding: int,
        how: tuple[str, str, str],
    ) -> None:
        place.evaluate(
            """(place, [files, padding, name, kind, field]) => {
                const data = new DataTransfer();
                for (const [content, name, type] of files) {
                    const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
                    const parts = [bytes, new Uint8Array(padding)];
                    data.items.add(new File(parts, name, {type}));
                }
                const how = {bubbles: true, cancelable: true, [field]: data};
                place.dispatchEvent(new window[kind](name, how));
            }""",
            [
                [
                    (base64.b64encode(f["buffer"]).decode(), f["name"], f["mimeType"])
                    for f in files
                ],
                padding,
                *how,
            ],
        )

    def toast(self, text: str) -> None:
        """Wait for the notice that says this."""
        self.page.get_by_test_id("toast-body").get_by_text(text).first.wait_for()

    def wait_for(self, condition: Callable[[], object]) -> None:
        """Wait for something outside of the page, or that `expect` has no words for."""
        self.wait_for_value(lambda: bool(condition()), True)

    def wait_for_value(self, read: Callable[[], object], value: object) -> None:
        """Wait until this is what is read; if it never is, tell what was."""
        waited = 0
        while (found := read()) != value and waited < TIMEOUT:
            self.page.wait_for_timeout(OFTEN)
            waited += OFTEN
        assert found == value

    def send(self, text: str) -> None:
        before = self.questions.count()
        self.box.fill(text)
        self.box.press("Enter")
        self.page.wait_for_function(
            "before => document.querySelectorAll('[data-testid=user]').length > before",
            arg=before,
            polling=OFTEN,
        )

    def ask(self, text: str) -> "Locator":
        """Send a message, and give the answer once it is complete."""
        self.send(text)
        self.wait_until_ready()
        return self.answers.last

    @property
    def editor(self) -> "Locator":
        """Where one changes a question."""
        return self.page.locator(".edit-textarea")

    def edit(self, number: int, text: str) -> None:
        """Change a question, counted from 0, and send it anew."""
        self.button("Edit").nth(number).click()
        expect(self.editor).to_be_focused()  # it has what was written, as it was
        self.editor.fill(text)
        self.page.get_by_title("Submit").click()

    def retry(self) -> None:
        """Have the last question answered anew."""
        old = self.answers.last.locator(".md").element_handle()
        self.click("Retry")
        old.wait_for_element_state("hidden")
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until the last answer is complete and the next message can be sent.

        An answer came by a stream that has ended. What it brought is then shown bit by
        bit: until the last of it, something turns or the button stops, not sends.
        """
        self.page.bring_to_front()  # a tab that is behind is drawn once a second
        self.wait_for_answers()
        self.page.wait_for_function(READY)  # it looks at each frame
        while self.waits:  # for what the last of it needs
            self.wait_for_answers()
            self.page.wait_for_function(READY)

    @property
    def waits(self) -> bool:
        """Whether the page waits for something that it asked the app for."""
        return bool(self.asked or self.due or self.modules)

    def wait_for_answers(self) -> None:
        """Until the page has all that it asked for, and has taken it in.

        What a stream brings, Gradio shows a moment later. A message with code stays
        empty until the module is there that knows the language: it is fetched when a
        page first has code in that language.
        """
        self.take_in()
        while self.waits:
            self.take_in()

    def take_in(self) -> None:
        self.wait_for(lambda: not self.asked and not self.due)
        modules, self.modules = self.modules, []
        self.page.evaluate(RUN, modules)

    def unfold(self) -> None:
        """Open every thought and tool call that is folded up.

        One that is drawn anew meanwhile is folded up again.
        """
        self.stand_still()
        for thought in self.thoughts.all():
            self.wait_for(lambda thought=thought: self.opened(thought))

    def opened(self, thought: "Locator") -> bool:
        """Whether a thought's content is to be seen; if it is folded up, unfold it."""
        if not self.is_open(thought):
            thought.locator(".title").click()
        return thought.locator(".content").is_visible()

    def is_open(self, thought: "Locator") -> bool:
        """Whether a thought is unfolded, or about to be."""
        style = thought.locator(".arrow").get_attribute("style") or ""
        return "rotate(0deg)" not in style

    def another_tab(self) -> "Chat":
        """The same app, opened once more by the same visitor."""
        return Chat.open(self.page.context.new_page(), self.url)

    def stand_still(self) -> None:
        """Wait until no more is drawn and what folds up or down has done so."""
        self.page.evaluate(FRAMES)
        while self.waits:
            self.wait_for_answers()
            self.page.evaluate(FRAMES)
        self.page.evaluate(
            "Promise.all(document.getAnimations()"
            ".filter(one => one.effect.getComputedTiming().endTime < 5000)"
            ".map(one => one.finished.catch(() => {})))"
        )

    def settle(self) -> None:
        """Wait until nothing moves, and take away focus and pointer."""
        self.page.mouse.move(0, 0)
        self.stand_still()
        self.page.evaluate("document.fonts.ready.then(() => {})")
        self.page.evaluate("document.activeElement.blur()")

    def tab_to(self, part: "Locator") -> None:
        """Press Tab until a part of the page has the focus."""
        for _ in range(60):
            if part.evaluate("part => part === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError("the keyboard does not get there")

    def wait_for_text(self, text: str) -> None:
        self.page.get_by_text(text).last.wait_for()

    def click(self, name: str) -> None:
        """A button of the conversation; of several, that of the last message."""
        self.button(name).last.click()
