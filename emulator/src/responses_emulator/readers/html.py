"""The text of an HTML file; headings are marked as Markdown marks them."""

import re
from html.parser import HTMLParser

from responses_emulator.readers.outcome import SOFT_HYPHEN

# What the standard has begin a line; all else, unknown tags as well, stands within one.
BLOCKS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "caption"),
        *("center", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset"),
        *("figcaption", "figure", "footer", "form", "head", "header", "hgroup", "hr"),
        *("html", "iframe", "legend", "li", "main", "menu", "nav", "ol", "optgroup"),
        *("option", "p", "pre", "search", "section", "select", "summary", "table"),
        *("tbody", "textarea", "tfoot", "thead", "title", "tr", "ul"),
        *(f"h{level}" for level in range(1, 7)),
    )
)
HEADING = re.compile("h[1-6]")
LISTS = ("li", "ul", "ol", "menu")
CELLS = ("td", "th")
BOXES = ("button", "img", "input", "object", "video")  # within a line, but apart
SPACED = ("pre", "textarea")  # whose spaces and ends of lines are kept
INVISIBLE = frozenset(("script", "style", "template"))
UNSHOWN = ("hidden", "password", "checkbox", "radio")  # values of `input`


def text_of(html: str) -> str:
    """The text, that of pictures and fields as well.

    It may take very long if it is long and malformed.
    """
    parser = _Text()
    parser.feed(html)
    parser.close()
    parser.end_line()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parser.lines)).strip("\n")


class Tags(HTMLParser):
    """A parser that no markup breaks, as it breaks no browser."""

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Take a section of a kind that HTML does not know for a comment."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i, report)


class _Text(Tags):
    """Collects the text; every block starts a line."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self._line: list[str] = []
        self._mark = ""  # of a heading or an entry of a list, before its first word
        self._hidden = 0
        self._spaced = 0

    def end_line(self) -> None:
        """What comes now stands on a line of its own."""
        line = "".join(self._line).replace(SOFT_HYPHEN, "")
        self.lines.append(line.rstrip() if self._spaced else line.strip())
        self._line.clear()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in INVISIBLE:
            self._hidden += 1
        elif tag in BLOCKS:
            self.end_line()
        elif tag in CELLS:
            self._say("  ")
        elif tag in BOXES:
            shown = _shown(tag, dict(attrs))
            self._say(f" {shown} " if shown else " ")
        if tag == "li":
            self._mark = "- "
        elif HEADING.fullmatch(tag):
            self.end_line()
            self._mark = "#" * int(tag[1]) + " "
        elif tag in SPACED:
            self._spaced += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in INVISIBLE:
            self._hidden = max(0, self._hidden - 1)
        elif tag in BLOCKS and tag not in ("li", "br"):
            self.end_line()
        elif tag in BOXES:
            self._say(" ")
        if tag in SPACED:
            self._spaced = max(0, self._spaced - 1)
        elif tag in LISTS or HEADING.fullmatch(tag):
            self._mark = ""  # it has no words

    def handle_data(self, data: str) -> None:
        if not self._spaced:
            self._say(re.sub(r"\s+", " ", data))
            return
        first, *others = data.split("\n")
        self._say(first)
        for line in others:
            self.end_line()
            self._say(line)

    def unknown_decl(self, data: str) -> None:
        """Take the text of XHTML that is marked as such."""
        if data.startswith("CDATA["):
            self.handle_data(data.removeprefix("CDATA["))

    def _say(self, text: str) -> None:
        if self._hidden:
            return
        if self._mark and text.strip():
            self._line.append(self._mark)
            self._mark = ""
            text = text.lstrip()
        self._line.append(text)


def _shown(tag: str, attributes: dict[str, str | None]) -> str:
    """The text that stands for a picture, or in a field."""
    text = attributes.get("alt") or ""
    if tag == "input" and attributes.get("type") not in UNSHOWN:
        text = attributes.get("value") or text
    return " ".join(text.split())
