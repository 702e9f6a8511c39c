"""What a visitor sees of an app and does with it, whatever Gradio calls the parts."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload, Locator, Page

TIMEOUT = 15_000  # milliseconds: for a machine that has much else to do


@dataclass
class Chat:
    """One page with an app in it."""

    page: "Page"
    url: str
    elsewhere: list[str] = field(default_factory=list)  # requests to other places

    @classmethod
    def open(cls, page: "Page", url: str) -> "Chat":
        chat = cls(page, url)
        page.set_default_timeout(TIMEOUT)
        page.on("request", lambda request: chat.note(request.url))
        page.goto(url)
        chat.wait_until_ready()
        return chat

    def note(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.elsewhere.append(url)

    @property
    def box(self) -> "Locator":
        """Where one types."""
        return self.page.locator("textarea").last

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
    def answers(self) -> "Locator":
        """What came from the app and can't be folded."""
        return self.bubbles.filter(has_not=self.thoughts)

    @property
    def last_answer(self) -> str:
        return self.answers.last.inner_text().strip()

    @property
    def text(self) -> str:
        """All that is to be read on the page."""
        return self.page.locator("body").inner_text()

    def attach(self, *files: "Path | FilePayload") -> None:
        """Pick files as one does in the file dialog, and wait until they are there."""
        self.pick(*files)
        thumbnails = self.page.locator(".thumbnail-item, .thumbnail-image")
        thumbnails.nth(len(files) - 1).wait_for()

    def pick(self, *files: "Path | FilePayload") -> None:
        picker = self.page.get_by_test_id("file-upload").first
        picker.set_input_files(list(files))  # pyright: ignore[reportArgumentType]

    def send(self, text: str) -> None:
        self.box.fill(text)
        self.box.press("Enter")
        self.button("Stop").or_(self.questions.last).first.wait_for()

    def ask(self, text: str) -> str:
        """Send a message and give the whole answer."""
        before = self.questions.count()
        self.send(text)
        self.questions.nth(before).wait_for()
        self.wait_until_ready()
        return self.last_answer

    def wait_until_ready(self) -> None:
        """Until the last answer is complete and the next message can be typed."""
        self.button("Submit").wait_for()
        self.page.wait_for_function(
            "() => [...document.querySelectorAll('textarea')].some(box => !box.disabled)"
        )

    def wait_for_text(self, text: str) -> None:
        self.page.get_by_text(text).last.wait_for()

    def click(self, name: str) -> None:
        """A button of the conversation; of several, that of the last message."""
        self.button(name).last.click()
