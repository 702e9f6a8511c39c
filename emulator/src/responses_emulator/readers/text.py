"""From the bytes of a text file to its text: in UTF-8, UTF-16, ASCII, or what it says.

Azure's documents name these three for file search. Another encoding cannot be told from
its bytes: what is read by guess would be stored as wrong letters.
"""

import codecs
import re

from responses_emulator.readers.html import Tags
from responses_emulator.readers.outcome import UnreadableDocument

CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
# Japanese, Chinese and Korean in seven bits, which would pass for ASCII.
SHIFTED = re.compile(rb"\x1b[$(][\x20-\x7e]")
HEAD = 4_096  # bytes in which a file says what its encoding is

XML_DECLARATION = re.compile(rb"""\s*<\?xml[^>]*?\bencoding\s*=\s*["']([\w.:-]+)""")
CHARSET = re.compile(r"""(?i)\bcharset\s*=\s*["']?\s*([\w.:-]+)""")
CODING = re.compile(rb"(?:[^\n]*\n)?[ \t]*#[^\n]*?coding[:=][ \t]*([\w.-]+)")
DECLARATIONS = {
    ".css": re.compile(rb"""@charset ["']([\w.:-]+)"""),
    ".py": CODING,
    ".rb": CODING,
    # Anywhere, but for comments.
    ".tex": re.compile(rb"(?s)(?:.*\n)?[^%\n]*\\usepackage\[([\w-]+)\]\{inputenc\}"),
}
HTML = (".html", ".php")  # which may say it in a tag

# Names that Python does not know.
LABELS = {"windows-874": "cp874", "windows-31j": "cp932", "ansinew": "cp1252"}
# What files may say, by Python's names, and what is meant by it: the web's standard
# takes some names for larger encodings than they once had.
ENCODINGS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
    "utf-16": "utf-8",  # what could be read as ASCII is no UTF-16
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
    "utf-8-sig": "utf-8",
} | {
    name: name
    for name in (
        *("utf-8", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874"),
        *("gb18030", "big5", "big5hkscs", "euc_jp", "iso2022_jp", "cp932", "cp949"),
        *(f"cp125{number}" for number in range(9)),
        *(f"iso8859-{number}" for number in range(2, 17) if number not in (9, 12)),
    )
}


def decoded(content: bytes, suffix: str = "") -> str:
    """The text, its lines ended by "\\n". Raises UnreadableDocument.

    `suffix` is that of the file's name, lower case with its dot: it tells where the
    file may say what its encoding is.
    """
    encoding = _marked(content) or _declared(content, suffix) or "utf-8"
    if encoding == "utf-8" and SHIFTED.search(content):
        raise _unknown()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-8":
            raise _unknown(binary=_is_binary(content)) from None
        raise UnreadableDocument(
            f"The file says that it is in {encoding}, and is not."
        ) from None
    text = text.removesuffix("\x1a")  # with which DOS ended a text
    if CONTROL_CHARACTERS.search(text):
        raise _unknown(binary=True)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _unknown(*, binary: bool = False) -> UnreadableDocument:
    if binary:
        return UnreadableDocument("The file holds binary data, not text.")
    return UnreadableDocument(
        "The file's encoding is not known: it is not UTF-8, UTF-16 or ASCII, and the "
        "file does not say which it is."
    )


def _is_binary(content: bytes) -> bool:
    return bool(CONTROL_CHARACTERS.search(content.decode("latin-1")))


def _marked(content: bytes) -> str | None:
    """The encoding that the first bytes tell, or the zeros of UTF-16 without a mark."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    even, odd = content[::2], content[1::2]
    if len(even) != len(odd):
        return None
    # At least half of it, and its beginning, have to be of the first 256 characters.
    if 2 * odd.count(0) >= len(odd) and not odd[0] and 0 not in even:
        return "utf-16-le"
    if 2 * even.count(0) >= len(even) and not even[0] and 0 not in odd:
        return "utf-16-be"
    return None


def _declared(content: bytes, suffix: str) -> str | None:
    """The encoding that the file names, as Python calls it; None if none is known."""
    head = content[:HEAD]
    declaration = DECLARATIONS.get(suffix)
    found = XML_DECLARATION.match(head) or (declaration and declaration.match(head))
    if found:
        label = found[1].decode("ascii", "replace")
    elif suffix in HTML:
        tags = _Metas()
        tags.feed(head.decode("latin-1"))
        label = tags.charset
    else:
        return None
    label = label.strip().removeprefix("x-").lower()
    try:
        return ENCODINGS.get(codecs.lookup(LABELS.get(label, label)).name)
    except LookupError:
        return None


class _Metas(Tags):
    """The charset of the first `<meta>` that has one, outside comments and scripts."""

    charset = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta" or self.charset:
            return
        told = {name: value or "" for name, value in attrs}
        self.charset = told.get("charset", "")
        if told.get("http-equiv", "").lower() == "content-type":
            found = CHARSET.search(told.get("content", ""))
            self.charset = self.charset or (found[1] if found else "")
