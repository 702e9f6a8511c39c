"""A regular expression of Rust's, in which grammars are written, as Python writes it.

Rust's sets hold other sets (`[a-z&&[^aeiou]]`) and have names (`[[:alpha:]]`), its
flags may come anywhere, and some of its escapes are its own. What `regular.in_python`
knows as well, such as `\\p{Lu}`, is left to that.
"""

import re

_NAMED_SETS = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "ascii": r"\x00-\x7f",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "word": r"a-zA-Z0-9_",
    "xdigit": "a-fA-F0-9",
}
_EDGES = {
    r"\b{start}": r"\b(?=\w)",
    r"\b{end}": r"\b(?<=\w)",
    r"\b{start-half}": r"(?<!\w)",
    r"\b{end-half}": r"(?!\w)",
    r"\<": r"\b(?=\w)",
    r"\>": r"\b(?<=\w)",
}
_OPERATORS = ("&&", "--", "~~")
_ANYTHING = r"[\s\S]"
_NOTHING = "(?!)"
_ESCAPE = re.compile(
    r"\\(?:x\{([0-9a-fA-F]+)\}|U([0-9a-fA-F]{8})|b\{[a-z-]+\}|[pP]\{[^}]*\}|[\s\S])"
)
_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)])")
_NAMED = re.compile(r"\[:(\^?)([a-z]+):\]")


def from_rust(expression: str) -> str:
    """The expression for Python; one that is malformed in Rust may stay as it is."""
    try:
        return _Reader(expression).read()
    except (_Malformed, RecursionError):
        return expression


class _Malformed(Exception):
    pass


class _Reader:
    """Goes through an expression once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._ignores_spaces = False

    def read(self) -> str:
        written = self._group()
        if self._at < len(self._text):
            raise _Malformed
        return written

    def _group(self) -> str:
        """What stands up to the end of a group; flags hold until there."""
        ignored_spaces = self._ignores_spaces
        written = ""
        flags: list[str] = []  # each a group that is still open
        while self._at < len(self._text) and self._text[self._at] != ")":
            sign = self._text[self._at]
            given = _FLAGS.match(self._text, self._at)
            if given and given[3] == ")":
                self._at = given.end()
                flags.append(self._flags(given))
                written += flags[-1]
            elif sign == "(":
                written += self._inner(given)
            elif sign == "[":
                written += self._set()
            elif sign == "\\":
                written += self._escape()
            elif sign == "#" and self._ignores_spaces:
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            else:
                self._at += 1
                closed = ")" * sum(map(bool, flags))
                written += f"{closed}|{''.join(flags)}" if sign == "|" else sign
        self._ignores_spaces = ignored_spaces
        return written + ")" * sum(map(bool, flags))

    def _inner(self, given: "re.Match[str] | None") -> str:
        """A group, its brackets included."""
        ignored_spaces = self._ignores_spaces
        if given:
            self._at = given.end()
            head = self._flags(given) or "(?:"
        else:
            other = re.compile(r"\((?:\?(?:P?<\w+>|<?[=!]|P[=>]\w+))?").match(
                self._text, self._at
            )
            assert other
            self._at = other.end()
            head = other[0]
        written = head + self._group()
        self._ignores_spaces = ignored_spaces
        if self._at >= len(self._text):
            raise _Malformed
        self._at += 1
        return f"{written})"

    def _flags(self, given: "re.Match[str]") -> str:
        """The head of a group with these flags; an empty text for none of Python's."""
        on, off = (
            "".join(sorted(set(each or "") & set("imsx"))) for each in given.group(1, 2)
        )
        self._ignores_spaces = "x" in on or (self._ignores_spaces and "x" not in off)
        return f"(?{on}{'-' * bool(off)}{off}:" if on or off else ""

    def _escape(self) -> str:
        match = _ESCAPE.match(self._text, self._at)
        if not match:
            raise _Malformed
        self._at = match.end()
        code = match[1] or match[2]
        if code:
            number = int(code, 16)
            if number > 0x10FFFF:
                raise _Malformed
            return re.escape(chr(number))
        return _EDGES.get(match[0], match[0])

    def _set(self) -> str:
        """A set, as an expression for one character."""
        self._at += 1
        negated = self._text.startswith("^", self._at)
        self._at += negated
        written = self._union(first=True)
        while self._text[self._at : self._at + 2] in _OPERATORS:
            operator = self._text[self._at : self._at + 2]
            self._at += 2
            other = self._union(first=False)
            written = {
                "&&": f"(?:(?={other}){written})",
                "--": f"(?:(?!{other}){written})",
                "~~": f"(?:(?!{other}){written}|(?!{written}){other})",
            }[operator]
        self._at += 1  # the bracket
        if not negated:
            return written
        if re.fullmatch(r"\[(?!\^)(?:\\.|[^\]\\])*\]", written, re.DOTALL):
            return f"[^{written[1:]}"
        return f"(?:(?!{written}){_ANYTHING})"

    def _union(self, *, first: bool) -> str:
        """What stands in a set up to its end, or to the next operator."""
        signs = ""
        others: list[str] = []
        start = self._at
        while True:
            rest = self._text[self._at : self._at + 2]
            if not rest:
                raise _Malformed
            if rest[0] == "]" and not (first and self._at == start):
                break
            if rest in _OPERATORS and self._at > start:
                break
            named = _NAMED.match(self._text, self._at)
            if named and named[2] in _NAMED_SETS:
                self._at = named.end()
                if named[1]:
                    others.append(f"[^{_NAMED_SETS[named[2]]}]")
                else:
                    signs += _NAMED_SETS[named[2]]
            elif rest[0] == "[":
                others.append(self._set())
            elif rest[0] == "\\":
                signs += self._escape()
            elif rest[0].isspace() and self._ignores_spaces:
                self._at += 1
            else:
                signs += "\\" + rest[0] if rest[0] in "]^&~|" else rest[0]
                self._at += 1
        ways = [f"[{signs}]"] * bool(signs) + others
        if len(ways) < 2:
            return ways[0] if ways else _NOTHING
        return f"(?:{'|'.join(ways)})"
