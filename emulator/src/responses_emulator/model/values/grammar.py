"""A text that a custom tool's grammar takes: a regular expression, or Lark rules.

`write` makes it, with what the prompt has to offer: its numbers, its names, and the
alternatives whose words it says. Every text is parsed before it is given.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from responses_emulator import extras
from responses_emulator.errors import busy
from responses_emulator.model.values.quick import is_simple
from responses_emulator.remembered import Remembered
from responses_emulator.sizes import size_of

if TYPE_CHECKING:  # imported where it is needed: few requests have a grammar
    from lark import Lark

    from responses_emulator.processes import Processes

MAX_SECONDS = 5.0  # of work on one text
MAX_LENGTH = 1000  # characters of a text that is made from rules
MAX_COST = 5 * MAX_LENGTH  # characters of one, and rules on the way to them
TOO_LONG = f"a grammar without a text of {MAX_LENGTH} characters"
MAX_SLOW = 100  # of a text that the parser for ambiguous rules, cubic in time, gets
MAX_REMEMBERED_BYTES = 2**20
MAX_PROMPT = 2000  # characters of a prompt that are looked at
FAR = 6  # rules between a choice and the word that decides it
# How a prompt says what a grammar writes as a sign.
_SAID = {
    "+": ("plus", "add", "sum"),
    "-": ("minus", "subtract"),
    "*": ("times", "multiply", "multiplied"),
    "/": ("divide", "divided"),
    "=": ("equals", "is"),
    ">": ("greater", "more", "over", "above"),
    "<": ("less", "under", "below"),
}
MAX_REWRITTEN = 30  # words of a grammar that may be nothing
_MAX_TRIED = 1000  # texts that are tried on an expression


class NotWritten(ValueError):
    """The grammar is sound, but no text was found that it takes."""


class TooSlow(NotWritten):
    """The grammar takes longer than it may, or more memory."""


def write(syntax: str, definition: str, prompt: str = "") -> str:
    """A text in the grammar; `syntax` is `lark` or `regex`.

    Raises ValueError where the definition cannot be read; `NotWritten` where it can.
    It is made in a process that can be ended: some would take for ever. There may be
    no place for that just now, which is a 503, or nothing that reads Lark: a 400.
    """
    named = syntax, definition, prompt[:MAX_PROMPT]
    return written.get(partial(_write, *named), *named)


# It is written when a request is checked, and again for it.
written = Remembered[str](MAX_REMEMBERED_BYTES, size_of)


def _write(syntax: str, definition: str, prompt: str) -> str:
    from responses_emulator.processes import Ended, Failed

    if syntax == "lark":
        extras.need("grammars", "To write what a Lark grammar takes")
    asked = {"syntax": syntax, "definition": definition, "prompt": prompt}
    try:
        return _writers().do("grammar", json.dumps(asked).encode())
    except Failed as error:
        kind = NotWritten if error.kind == NotWritten.__name__ else ValueError
        raise kind(error.message) from None
    except Ended as error:
        if error.why == "places":
            raise busy("Too many grammars are being read.", MAX_SECONDS) from error
        why = {
            "time": f"a grammar that takes more than {MAX_SECONDS:g} s",
            "memory": "a grammar that takes too much memory, or breaks its reader",
            "start": "a grammar, since its reader cannot be started",
        }[error.why]
        raise TooSlow(why) from error


@cache
def _writers() -> "Processes":
    from responses_emulator.processes import Processes

    return Processes(seconds=MAX_SECONDS)


def write_here(syntax: str, definition: str, prompt: str) -> str:
    """What `write` gives, made in this process; it may never come to an end."""
    if syntax == "regex":
        return _match(definition, prompt)
    return _rules(definition).write(prompt)


def fault_here(syntax: str, definition: str, text: str) -> str | None:
    """What a grammar does not take of a text; it may take for ever to find out."""
    if syntax == "regex":
        if re.fullmatch(_in_python(definition), text):
            return None
        return f"the expression does not match {text[:100]!r} as a whole."
    return _rules(definition).fault(text)


def _in_python(definition: str) -> str:
    """An expression of the caller's, which is Rust's, as Python writes it."""
    from responses_emulator.model.values.regular import in_python
    from responses_emulator.model.values.rust import from_rust

    return in_python(from_rust(definition))


def _match(definition: str, prompt: str) -> str:
    definition = _in_python(definition)
    try:
        re.compile(definition)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"not a regular expression: {error}") from None
    found = _found(definition, prompt)
    if found:
        return max(found, key=len)
    text = _shortest(definition)
    if text is None:
        raise NotWritten("a regular expression for which no text was found")
    return text


def _shortest(expression: str) -> str | None:
    """The shortest text that an expression matches as a whole, if one is found."""
    from responses_emulator.model.values.regular import (
        Language,
        NotUnderstood,
        in_python,
    )

    try:
        texts = Language(whole=[expression]).texts()
        whole = re.compile(in_python(expression))
    except (NotUnderstood, re.error):
        return None
    tried = islice(texts, _MAX_TRIED)
    return next((text for text in tried if whole.fullmatch(text)), None)


def _found(expression: str, prompt: str) -> list[str]:
    """What the prompt has of an expression, in its order."""
    # Lark wraps what needs no brackets: (?:[0-9])+
    expression = re.sub(r"\(\?:(\[[^]\[]+\])\)", r"\1", expression)
    if not is_simple(expression):
        return []
    inner = expression.removeprefix("^").removesuffix("$")
    found = [match[0].strip() for match in re.finditer(inner, prompt)]
    return [text for text in found if text and re.fullmatch(expression, text)]


# Lark: rules of terminals and rules


@dataclass
class _Terminal:
    """A word of the grammar: a literal, or an expression."""

    literal: str | None
    expression: str
    text: str  # the shortest

    def said(self, prompt: str) -> bool:
        """Whether the prompt says this word."""
        if self.literal is None:
            return False
        word = self.literal.strip().lower()
        if word in _SAID:
            spoken = re.search(rf"\b({'|'.join(_SAID[word])})\b", prompt.lower())
            return bool(spoken) or f" {word} " in prompt
        return len(word) > 1 and bool(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", prompt.lower())
        )


@dataclass
class _Rules:
    """A grammar that was read: for each rule its alternatives, as names of symbols."""

    lark: "Lark"
    rules: dict[str, list[list[str]]]
    terminals: dict[str, _Terminal]
    spaced: bool  # the grammar ignores blanks
    costs: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Find how long the shortest text of each symbol is."""
        self.costs = {name: len(t.text) + 1 for name, t in self.terminals.items()}
        changed = True
        while changed:
            changed = False
            for name, alternatives in self.rules.items():
                known = [self.cost(each) for each in alternatives]
                cost = min((c for c in known if c is not None), default=None)
                if cost is not None and cost < self.costs.get(name, cost + 1):
                    self.costs[name], changed = cost, True
        if self.costs.get("start", MAX_COST + 1) > MAX_COST:
            raise NotWritten(TOO_LONG)

    def cost(self, symbols: list[str]) -> int | None:
        """Characters of the shortest text; a rule more costs one, so that walks end."""
        if any(symbol not in self.costs for symbol in symbols):
            return None
        return sum(self.costs[symbol] for symbol in symbols) + 1

    def write(self, prompt: str) -> str:
        """The text: from the prompt where that parses, and the shortest if not."""
        for candidate in _quoted(prompt):
            if self.takes(candidate):
                return candidate
        short = False
        for said in (prompt, ""):
            words = list(_Walk(self, said))
            for between in (" ", "") if self.spaced else ("",):
                text = between.join(words)
                if len(text) > 2 * MAX_LENGTH:
                    continue
                short = True
                if self.takes(text):
                    return text
        run = "a grammar whose words run into each other"
        raise NotWritten(run if short else TOO_LONG)

    def fault(self, text: str) -> str | None:
        """Why the text does not parse; None if it does."""
        from lark.exceptions import LarkError

        told: str | None = None
        # What the quick one takes is right; what it does not may be right all the same.
        for parser in (self._fast, self.lark):
            if parser is None:
                continue
            try:
                parser.parse(text)  # pyright: ignore[reportUnknownMemberType]
            except LarkError as error:
                told = " ".join(str(error).split())
            else:
                return None
        return told

    def takes(self, text: str) -> bool:
        """Whether the text parses; one too long to find out in time does not."""
        from lark.exceptions import LarkError

        parser = self.lark if len(text) <= MAX_SLOW else self._fast
        if parser is None:
            return False
        try:
            parser.parse(text)  # pyright: ignore[reportUnknownMemberType]
        except (LarkError, RecursionError):
            return False
        return True

    @cached_property
    def _fast(self) -> "Lark | None":
        """A parser in linear time, where the rules are not ambiguous."""
        from lark import Lark
        from lark.exceptions import LarkError

        try:
            return Lark(self.lark.source_grammar, parser="lalr")
        except LarkError:
            return None


def _quoted(prompt: str) -> Iterator[str]:
    """What a prompt may have ready-made: in quotes, or after a colon."""
    for match in re.finditer(r"`([^`]{,300})`|\"([^\"]{,300})\"", prompt):
        yield (match[1] or match[2] or "").strip()
    _, _, tail = prompt.partition(": ")
    if 0 < len(tail) <= 300:
        yield tail.strip()
        yield tail.strip().rstrip(".?!")


class _Walk:
    """One walk from `start` to the words of a text, guided by a prompt."""

    def __init__(self, rules: _Rules, prompt: str) -> None:
        self._rules = rules
        self._said = {n for n, t in rules.terminals.items() if t.said(prompt)}
        self._found = {
            name: _found(terminal.expression, prompt)
            for name, terminal in rules.terminals.items()
            if terminal.literal is None
        }
        self._near = self._distances()

    def __iter__(self) -> Iterator[str]:
        waiting = ["start"]
        while waiting:
            symbol = waiting.pop()
            if symbol in self._rules.terminals:
                found = self._found.get(symbol)
                yield found.pop(0) if found else self._rules.terminals[symbol].text
            else:
                waiting.extend(reversed(self._chosen(symbol)))

    def _chosen(self, rule: str) -> list[str]:
        """The alternative that leads to a word of the prompt, or else the shortest."""
        ranked: list[tuple[int, int, int]] = []
        alternatives = self._rules.rules[rule]
        for at, alternative in enumerate(alternatives):
            cost = self._rules.cost(alternative)
            if cost is not None:
                ranked.append((self._distance(alternative), cost, at))
        chosen = alternatives[min(ranked)[2]]
        said = self._said.intersection(chosen)
        if said:
            self._said -= said
            self._near = self._distances()
        return chosen

    def _distance(self, symbols: Iterable[str]) -> int:
        return min((self._near.get(symbol, FAR) for symbol in symbols), default=FAR)

    def _distances(self) -> dict[str, int]:
        """How many rules lie between each symbol and a word that the prompt says."""
        self._near = dict.fromkeys(self._said, 0)
        for away in range(1, FAR if self._said else 0):
            reached = {
                name
                for name, alternatives in self._rules.rules.items()
                if name not in self._near
                and any(not self._near.keys().isdisjoint(each) for each in alternatives)
            }
            self._near |= dict.fromkeys(reached, away)
        return self._near


@lru_cache(maxsize=32)
def _rules(definition: str) -> _Rules:
    foreign = re.search(
        r"%import\s+(?!common\b)[\w.]+|%(json|llguidance|regex)\b", definition
    )
    if foreign:
        raise NotWritten(f"'{foreign[0]}' in a grammar")
    from lark.exceptions import LarkError
    from regex import error as RegexError  # Lark compiles with it

    options: dict[str, Any] = {"parser": "earley", "lexer": "dynamic"}
    try:
        lark = _read(definition, options)
        terminals = {each.name: _terminal(each.pattern) for each in lark.terminals}
    except NotWritten:
        raise
    except (
        LarkError,
        re.error,
        RegexError,
        RecursionError,
        OverflowError,
        ValueError,
    ) as error:
        raise ValueError(str(error).strip().splitlines()[0]) from None
    rules: dict[str, list[list[str]]] = {}
    for rule in lark.rules:
        names = [str(symbol.name) for symbol in rule.expansion]
        rules.setdefault(str(rule.origin.name), []).append(names)
    ignored = [
        _compiled(lark.get_terminal(name).pattern) for name in lark.ignore_tokens
    ]
    return _Rules(lark, rules, terminals, any(each.fullmatch(" ") for each in ignored))


def _read(definition: str, options: dict[str, Any]) -> "Lark":
    """A grammar as Lark reads it, once it is written as Lark wants it."""
    from lark import Lark
    from lark.exceptions import GrammarError

    for _ in range(MAX_REWRITTEN):
        try:
            return Lark(definition, **options)
        except GrammarError as error:
            if "defined twice" in str(error):
                rewritten = _apart(definition)
            elif "zero-width" in str(error) and len(error.args) > 1:
                rewritten = _without_nothing(definition, error.args[1])
            else:
                raise
            if rewritten == definition:
                raise
            definition = rewritten
    raise NotWritten(
        f"a grammar with more than {MAX_REWRITTEN} words that may be empty"
    )


def _without_nothing(definition: str, terminal: Any) -> str:
    """The grammar with words that may be left out in place of ones that may be empty.

    The service takes `/.*/`; Lark has no word that is nothing. `terminal` is the first
    that Lark complained of; where it has a name of its own, only that is changed.
    """
    name: str = terminal.name
    is_named = re.search(rf"(?m)^\s*{re.escape(name)}(\.-?\d+)?\s*:(?!:)", definition)
    written: list[str] = []
    for piece in re.split(_STATEMENT, definition):
        head = re.match(rf"[?!]*{_NAME}(?:\.-?\d+)?(?:\{{[^}}]*\}})?\s*:(?!:)", piece)
        if is_named and head and re.match(rf"{re.escape(name)}\b", head[0]):
            expression = _escaped(_nonempty(terminal.pattern.to_regexp()))
            written.append(f"{head[0]} /{expression}/\n")
            continue
        body = piece[head.end() :] if head else piece
        written.append(head[0] if head else "")
        is_word = bool(head and head[0].lstrip("?!_")[:1].isupper())
        for token in re.findall(rf"{_NAME}|{_TOKEN}", body):
            if is_named:
                given = not (piece.startswith("%") and "ignore" not in piece)
                may_be_left_out = token == name and given and "%" not in piece[:1]
                written.append(f"({token}?)" if may_be_left_out else token)
            else:
                written.append(token if is_word else _given(token, piece))
    return "".join(written)


def _given(token: str, piece: str) -> str:
    """A word of a rule; one that may be nothing is one that may be left out."""
    if not token.startswith("/") or token.startswith("//"):
        return token
    expression, _, flags = token[1:].rpartition("/")
    try:
        if re.compile(f"(?{flags})" * bool(flags) + expression).match("") is None:
            return token
    except re.error:
        return token
    word = f"/{_escaped(_nonempty(expression))}/{flags}"
    return word if piece.startswith("%ignore") else f"(({word})?)"


def _escaped(expression: str) -> str:
    return re.sub(r"(?<!\\)/", r"\\/", expression)


def _nonempty(expression: str) -> str:
    """An expression for the same texts, but not for the empty one.

    In a row of parts that may all be nothing, one has to be the first that is not.
    """
    expression = re.sub(r"\(\?P?<(?![=!])\w+>", "(?:", expression)
    ways: list[str] = []
    for branch in _branches(expression):
        parts = list(_atoms(branch))
        for at, (atom, repeated) in enumerate(parts):
            rest = "".join(a + r for a, r in parts[at + 1 :])
            first = _nonempty_part(atom, repeated)
            if first:
                ways.append(first + rest)
            if re.match(f"(?:{atom}){repeated}", "") is None:
                break
    return "|".join(ways) or "(?!)."


def _nonempty_part(atom: str, repeated: str) -> str:
    """A part that is not nothing; an empty text for one that always is."""
    if re.fullmatch(r"[\^$]|\\[AZbBz]|\(\?(?:[=!#]|<[=!])[\s\S]*", atom):
        return ""
    if re.match(atom, "") is not None:  # a group: nothing else can be nothing
        head = re.match(r"\((?:\?[a-z]*(?:-[a-z]+)?:)?", atom)
        assert head
        atom = f"{head[0]}{_nonempty(atom[head.end() : -1])})"
    elif re.match(f"(?:{atom}){repeated}", "") is None:
        return atom + repeated
    lazy = "?" if len(repeated) > 1 and repeated[-1] == "?" else ""
    sign = repeated.removesuffix("?") if lazy else repeated
    if sign in ("", "?"):
        return atom
    if sign in ("*", "+"):
        return f"{atom}+{lazy}"
    least, comma, most = sign[1:-1].partition(",")
    most = most if comma else least
    return "" if most == "0" else f"{atom}{{1,{most}}}{lazy}"


def _branches(expression: str) -> list[str]:
    """The alternatives of an expression, those in brackets apart."""
    branches = [""]
    for atom, repeated in _atoms(expression):
        if atom == "|":
            branches.append("")
        else:
            branches[-1] += atom + repeated
    return branches


def _atoms(expression: str) -> Iterator[tuple[str, str]]:
    """What an expression is made of, each part with the sign of how often it comes."""
    import regex  # what is in brackets is found by recursion, which `re` has not

    for match in regex.finditer(_ATOM, expression):
        yield match["atom"], match["repeated"]


_ATOM = r"""(?x)
    (?P<atom> \\(?:[pP]\{[^}]*\}|[\s\S])
        | (?P<set>\[\^?\]?(?:\\[\s\S]|[^\]\\])*\])
        | (?P<group>\((?:\\[\s\S]|(?&set)|[^()\[\\]|(?&group))*+\))
        | [\s\S])
    (?P<repeated>(?:[*+?]|\{\d*,?\d*\})?\??)"""


def _apart(definition: str) -> str:
    """The grammar with each alternative of a rule in a rule of its own.

    The service takes `a: b c* | b`, where Lark itself sees `a: b` twice.
    """
    pieces = re.split(_STATEMENT, definition)
    written: list[str] = []
    for at, piece in enumerate(pieces):
        head = re.match(r"[?!]*_*[a-z]\w*(?:\.-?\d+)?\s*:(?!:)", piece)
        if not head:
            written.append(piece)
            continue
        alternatives: list[list[str]] = [[]]
        depth = 0
        for token in re.findall(_TOKEN, piece[head.end() :]):
            depth += (token in "([") - (token in ")]")
            if token == "|" and not depth:
                alternatives.append([])
            elif not token.startswith(("->", "//")):
                alternatives[-1].append(token)
        names = [f"alternative_{at}_{number}" for number in range(len(alternatives))]
        written.append(f"{head[0]} {' | '.join(names)}\n")
        for name, tokens in zip(names, alternatives, strict=True):
            written.append(f"{name}: {''.join(tokens).strip()}\n")
    return "".join(written)


_STATEMENT = r"(?m)^(?=[^\S\n]*[?!]*_?[a-zA-Z%]\w*)"
_NAME = r"_?[a-zA-Z]\w*"
# Strings, expressions, comments, aliases; then single characters.
_TOKEN = r'"(?:\\.|[^"\\])*"i?|//[^\n]*|/(?:\\.|[^/\\])+/[imslux]*|->\s*\w+|[\s\S]'


def _compiled(of: Any) -> re.Pattern[str]:
    """A terminal's expression, flags included."""
    return re.compile(of.to_regexp())


def _terminal(of: Any) -> _Terminal:
    """A terminal of Lark's: `of` is its `Pattern`."""
    if of.type == "str":
        return _Terminal(of.value, re.escape(of.value), of.value)
    expression: str = of.to_regexp()
    text = _shortest(expression)
    if not text:
        raise NotWritten("a terminal for which no text was found")
    if text in ('""', "''"):
        said = f"{text[0]}text{text[0]}"
        text = said if re.fullmatch(expression, said) else text
    return _Terminal(None, expression, text)
