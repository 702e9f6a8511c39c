"""Texts that regular expressions take: all of some, and none of others.

What is left to come after a character is what a term says: Brzozowski's derivatives.
So look-ahead is a conjunction, and what look-behind asks is followed beside it: several
expressions, those that are not to match, and bounds of the length are one search for
the shortest text, whose time does not grow with the ways to match. Sets of characters
are bits of an integer, over an alphabet of ASCII and of what the expressions name.

Not followed are references: a group's expression stands for them. So who needs to be
sure matches each text that comes.
"""

import re
import unicodedata
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from itertools import product
from typing import Any, cast

# Python's parser of expressions, which has no public name.
_parser: Any = import_module("re._parser")
c: Any = import_module("re._constants")

MAX_STEPS = 50_000  # characters that terms are followed by
MAX_EXPRESSION = 200_000  # characters of one
SPARE_LENGTH = 2_000  # characters that a text may be longer than the least

# In the order in which they are liked.
_ALPHABET = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "-_.: /,;@#+=!?*%&()[]{}<>'\"|\\^~`$\n\t\r"
    "\u00e9\u00df\u00f1\u03b1\u0436\u4e2d\u3042\ud55c\U0001f642"
)
_WORD = frozenset(_ALPHABET[:62] + "_")
_CATEGORIES: dict[Any, frozenset[str]] = {
    c.CATEGORY_DIGIT: frozenset("0123456789"),
    c.CATEGORY_WORD: _WORD,
    c.CATEGORY_SPACE: frozenset(" \n\t\r\f\v"),
}
_NEGATED = {
    c.CATEGORY_NOT_DIGIT: c.CATEGORY_DIGIT,
    c.CATEGORY_NOT_WORD: c.CATEGORY_WORD,
    c.CATEGORY_NOT_SPACE: c.CATEGORY_SPACE,
}
_ANYTHING = [(c.ANY, None)]
_REPEATS = (c.MAX_REPEAT, c.MIN_REPEAT, c.POSSESSIVE_REPEAT)
_PROPERTIES = {
    "Letter": "L",
    "Alphabetic": "L",
    "Alpha": "L",
    "Lowercase_Letter": "Ll",
    "Lowercase": "Ll",
    "Uppercase_Letter": "Lu",
    "Uppercase": "Lu",
    "Number": "N",
    "Decimal_Number": "Nd",
    "Punctuation": "P",
    "Symbol": "S",
    "Separator": "Z",
    "Han": "CJK",
}


class NotUnderstood(ValueError):
    """An expression that cannot be read, or not be followed."""


class _Term:
    """What may come: equal terms of one search are one object."""

    __slots__ = ("kind", "parts")

    def __init__(self, kind: str, parts: tuple[Any, ...]) -> None:
        self.kind = kind
        self.parts = parts


# What a text may be at one place of it: the rest, and each look-behind's own term.
_State = tuple[_Term, tuple[_Term, ...]]
_Body = tuple[Any, int]  # of a loop: an expression as it was parsed, and its flags
_Layer = dict[_State, list[tuple[_State, int]]]


@dataclass
class Language:
    """The texts in which each of some expressions is found, and none of others."""

    found: Sequence[str] = ()
    absent: Sequence[str] = ()
    whole: Sequence[str] = ()  # expressions that match the whole text
    steps: int = MAX_STEPS
    _terms: dict[tuple[Any, ...], _Term] = field(default_factory=dict[Any, _Term])
    _bodies: list[_Body] = field(default_factory=list[_Body])
    _behind: list[_Term] = field(default_factory=list[_Term])
    _next: dict[tuple[_State, int], _State] = field(
        default_factory=dict[tuple[_State, int], _State]
    )
    _classes: dict[_State, list[int]] = field(default_factory=dict[_State, list[int]])

    def __post_init__(self) -> None:
        """Read the expressions. Raises NotUnderstood."""
        self._alphabet = _ALPHABET
        parsed = [
            [_parsed(each) for each in group]
            for group in (self.found, self.absent, self.whole)
        ]
        named = {
            chr(code) for group in parsed for each in group for code in _codes(each)
        }
        self._alphabet += "".join(sorted(named - set(_ALPHABET)))
        self._bits = {sign: 1 << at for at, sign in enumerate(self._alphabet)}
        self._any = (1 << len(self._alphabet)) - 1
        self._nothing = self._term("nothing")
        self._all = self._term("all")
        self._end = self._term("end")
        self._start = self._followed(self._end)
        found, absent, whole = parsed
        try:
            self._root = self._and(
                *map(self._search, found),
                *(self._not(self._search(each)) for each in absent),
                *(self._read(each, self._end, each.state.flags) for each in whole),
            )
            # What is to be followed beside a text is known from the start: a loop is
            # read again whenever it goes round, and asks for nothing new then.
            for body, _ in enumerate(self._bodies):
                self._read_body(body, self._end)
        except RecursionError as error:
            raise NotUnderstood("an expression nested too deeply") from error

    def texts(self, least: int = 0, most: int | None = None) -> Iterator[str]:
        """The texts of so many characters, the shortest first, each once.

        They end where no more can be, or where the search has used up its steps.
        """
        layers: list[_Layer] = [{(self._root, tuple(self._behind)): []}]
        seen = set[_State]()
        can_end = False
        last = least + SPARE_LENGTH if most is None else min(most, least + SPARE_LENGTH)
        try:
            for length in range(last + 1):
                if length >= least:
                    for state in layers[-1]:
                        if self._accepts(state):
                            yield from self._spelled(layers, state)
                fresh = layers[-1].keys() - seen
                can_end = can_end or any(map(self._accepts, fresh))
                seen |= fresh
                if len(self._next) > self.steps or not (fresh or can_end):
                    return  # all that can be reached has been, and nowhere is an end
                if not layers[-1]:
                    return
                layers.append(self._layer_after(layers[-1]))
        except RecursionError:
            return

    # The way through the states

    def _layer_after(self, layer: _Layer) -> _Layer:
        after: _Layer = {}
        for state in layer:
            for mask in self._partition(state):
                reached = self._step(state, mask)
                if reached[0] is not self._nothing:
                    after.setdefault(reached, []).append((state, mask))
        return after

    def _spelled(self, layers: list[_Layer], state: _State) -> Iterator[str]:
        """The texts that lead to a state of the last layer."""
        for masks in _ways(layers, state):
            yield from map("".join, product(*map(self._signs, masks)))

    def _signs(self, mask: int) -> list[str]:
        return [sign for sign in self._alphabet if mask & self._bits[sign]]

    def _step(self, state: _State, mask: int) -> _State:
        """The state after one of these characters, which all lead to the same."""
        key = state, mask
        if key not in self._next:
            bit = mask & -mask
            truths = self._truths(state)
            known: dict[_Term, _Term] = {}
            rest, *behind = [
                self._after(each, bit, truths, known) for each in (state[0], *state[1])
            ]
            self._next[key] = rest, tuple(behind)
        return self._next[key]

    def _accepts(self, state: _State) -> bool:
        return self._ends(state[0], self._truths(state), {})

    def _truths(self, state: _State) -> list[bool]:
        """Which of the look-behinds hold here; one may ask about those before it."""
        truths: list[bool] = []
        for each in state[1]:
            truths.append(self._ends(each, truths, {}))
        return truths

    def _partition(self, state: _State) -> list[int]:
        """Sets of characters that make no difference, best-liked first."""
        if state not in self._classes:
            masks: set[int] = set()
            known: set[_Term] = set()
            for term in (state[0], *state[1]):
                self._heads(term, masks, known)
            classes = [self._any]
            for mask in masks:
                parts = [(each & mask, each & ~mask) for each in classes]
                classes = [part for pair in parts for part in pair if part]
            self._classes[state] = sorted(classes, key=lambda each: each & -each)
        return self._classes[state]

    # What terms say. `known` is what was found out on the way; a loop that one is in
    # counts as nothing: going round without a character brings nothing new.

    def _heads(self, term: _Term, masks: set[int], known: set[_Term]) -> None:
        """Collect the sets of characters that may come first."""
        if term in known:
            return
        known.add(term)
        if term.kind == "char":
            masks.add(term.parts[0])
            return
        for part in self._unrolled(term) if term.kind == "loop" else term.parts:
            if isinstance(part, _Term):
                self._heads(part, masks, known)

    def _ends(
        self, term: _Term, truths: Sequence[bool], known: dict[_Term, bool]
    ) -> bool:
        """Whether the text may end here."""
        if term not in known:
            known[term] = False
            known[term] = self._ends_anew(term, truths, known)
        return known[term]

    def _ends_anew(
        self, term: _Term, truths: Sequence[bool], known: dict[_Term, bool]
    ) -> bool:
        kind, parts = term.kind, term.parts
        if kind == "or":
            return any(self._ends(part, truths, known) for part in parts)
        if kind == "and":
            return all(self._ends(part, truths, known) for part in parts)
        if kind == "not":
            return not self._ends(parts[0], truths, known)
        if kind == "behind":
            at, wanted, rest = parts
            return truths[at] is wanted and self._ends(rest, truths, known)
        if kind == "loop":
            return any(self._ends(p, truths, known) for p in self._unrolled(term))
        return kind in ("all", "end")

    def _after(
        self, term: _Term, bit: int, truths: Sequence[bool], known: dict[_Term, _Term]
    ) -> _Term:
        """What may come after a character."""
        if term not in known:
            known[term] = self._nothing
            known[term] = self._after_anew(term, bit, truths, known)
        return known[term]

    def _after_anew(
        self, term: _Term, bit: int, truths: Sequence[bool], known: dict[_Term, _Term]
    ) -> _Term:
        kind, parts = term.kind, term.parts
        if kind == "char":
            return parts[1] if parts[0] & bit else self._nothing
        if kind == "or":
            return self._or(*(self._after(p, bit, truths, known) for p in parts))
        if kind == "and":
            return self._and(*(self._after(p, bit, truths, known) for p in parts))
        if kind == "not":
            return self._not(self._after(parts[0], bit, truths, known))
        if kind == "behind":
            at, wanted, rest = parts
            holds = truths[at] is wanted
            return self._after(rest, bit, truths, known) if holds else self._nothing
        if kind == "loop":
            ways = self._unrolled(term)
            return self._or(*(self._after(p, bit, truths, known) for p in ways))
        return self._all if kind == "all" else self._nothing

    def _unrolled(self, loop: _Term) -> list[_Term]:
        """What a loop comes to: its end, or its body once more."""
        body, least, most, rest = loop.parts
        ways = [] if least else [rest]
        if most != 0:
            again = self._loop(
                body, max(least - 1, 0), None if most is None else most - 1, rest
            )
            ways.append(self._read_body(body, again))
        return ways

    def _read_body(self, body: int, rest: _Term) -> _Term:
        nodes, flags = self._bodies[body]
        return self._read(nodes, rest, flags)

    # Terms are made

    def _term(self, kind: str, *parts: Any) -> _Term:
        key = (kind, *parts)
        if key not in self._terms:
            self._terms[key] = _Term(kind, parts)
        return self._terms[key]

    def _or(self, *terms: _Term) -> _Term:
        return self._joined("or", self._nothing, self._all, terms)

    def _and(self, *terms: _Term) -> _Term:
        return self._joined("and", self._all, self._nothing, terms)

    def _joined(
        self, kind: str, neutral: _Term, strongest: _Term, terms: Sequence[_Term]
    ) -> _Term:
        kept: dict[_Term, None] = {}
        for term in terms:
            for each in term.parts if term.kind == kind else (term,):
                if each is strongest:
                    return strongest
                if each is not neutral:
                    kept[each] = None
        if len(kept) < 2:
            return next(iter(kept), neutral)
        return self._term(kind, *sorted(kept, key=id))

    def _not(self, term: _Term) -> _Term:
        if term is self._nothing:
            return self._all
        if term is self._all:
            return self._nothing
        return term.parts[0] if term.kind == "not" else self._term("not", term)

    def _char(self, mask: int, rest: _Term) -> _Term:
        if not mask or rest is self._nothing:
            return self._nothing
        return self._term("char", mask, rest)

    def _loop(self, body: int, least: int, most: int | None, rest: _Term) -> _Term:
        if most == 0 or rest is self._nothing:
            return rest
        return self._term("loop", body, least, most, rest)

    def _followed(self, term: _Term) -> int:
        """The number of a look-behind: `term` is what has to have ended here."""
        if term not in self._behind:
            self._behind.append(term)
        return self._behind.index(term)

    def _anywhere(self, term: _Term) -> _Term:
        """Anything, and then what the term says."""
        return self._loop(self._body(_ANYTHING, re.DOTALL), 0, None, term)

    def _body(self, nodes: Any, flags: int) -> int:
        for at, (known, under) in enumerate(self._bodies):
            if known is nodes and under == flags:
                return at
        self._bodies.append((nodes, flags))
        return len(self._bodies) - 1

    # Expressions are read, from the end

    def _search(self, parsed: Any) -> _Term:
        term = self._read(parsed, self._all, parsed.state.flags)
        return term if _is_anchored(parsed) else self._anywhere(term)

    def _read(self, nodes: Any, rest: _Term, flags: int) -> _Term:
        """The term of what `nodes` match, and then `rest`."""
        for op, value in reversed(list(nodes)):
            rest = self._node(op, value, rest, flags)
        return rest

    def _node(self, op: Any, value: Any, rest: _Term, flags: int) -> _Term:
        if op in (c.LITERAL, c.NOT_LITERAL, c.ANY, c.IN):
            return self._char(self._mask(op, value, flags), rest)
        if op is c.BRANCH:
            return self._or(*(self._read(each, rest, flags) for each in value[1]))
        if op is c.SUBPATTERN:
            _, on, off, inner = value
            return self._read(inner, rest, (flags | on) & ~off)
        if op in _REPEATS:
            least, most, inner = value
            if inner.getwidth()[0] == 0:
                least = min(least, 1)  # it matches nothing as often as one likes
            most = None if most is c.MAXREPEAT else most
            return self._loop(self._body(inner, flags), least, most, rest)
        if op is c.AT:
            return self._at(value, rest, flags)
        if op in (c.ASSERT, c.ASSERT_NOT):
            return self._look(value, rest, flags, wanted=op is c.ASSERT)
        if op is c.ATOMIC_GROUP:
            return self._read(value, rest, flags)
        raise NotUnderstood(f"an expression with {str(op).lower()}")

    def _look(self, value: Any, rest: _Term, flags: int, *, wanted: bool) -> _Term:
        way, inner = value
        if way < 0:
            before = self._anywhere(self._read(inner, self._end, flags))
            return self._term("behind", self._followed(before), wanted, rest)
        ahead = self._read(inner, self._all, flags)
        return self._and(ahead if wanted else self._not(ahead), rest)

    def _at(self, place: Any, rest: _Term, flags: int) -> _Term:
        newline = self._bits["\n"]
        if place in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            start = self._term("behind", self._start, True, rest)
            if place is c.AT_BEGINNING_STRING or not flags & re.MULTILINE:
                return start
            line = self._followed(self._anywhere(self._char(newline, self._end)))
            return self._or(start, self._term("behind", line, True, rest))
        if place in (c.AT_END, c.AT_END_STRING):
            end = self._end
            if place is c.AT_END and flags & re.MULTILINE:
                end = self._or(end, self._char(newline, self._all))
            return self._and(end, rest)
        word = self._set(_WORD)
        before = self._followed(self._anywhere(self._char(word, self._end)))
        ahead = self._char(word, self._all)
        same, other = self._and(rest, ahead), self._and(rest, self._not(ahead))
        if place is c.AT_BOUNDARY:
            same, other = other, same
        return self._or(
            self._term("behind", before, True, same),
            self._term("behind", before, False, other),
        )

    # Sets of characters

    def _mask(self, op: Any, value: Any, flags: int) -> int:
        if op is c.ANY:
            return self._any if flags & re.DOTALL else self._any & ~self._bits["\n"]
        if op is c.IN:
            negated = value[0][0] is c.NEGATE
            signs = frozenset[str]().union(*(self._members(*each) for each in value))
            mask = self._set(signs, flags)
            if not negated:
                return mask
            if any(each is c.CATEGORY for each, _ in value):
                return self._ascii() & ~mask
            return self._any & ~mask
        mask = self._set({chr(value)}, flags)
        return mask if op is c.LITERAL else self._any & ~mask

    def _members(self, op: Any, value: Any) -> frozenset[str]:
        if op is c.LITERAL:
            return frozenset(chr(value))
        if op is c.RANGE:
            low, high = value
            return frozenset(s for s in self._alphabet if low <= ord(s) <= high)
        if op is c.CATEGORY:
            if value in _NEGATED:
                # Beyond ASCII the engines differ on what is a letter.
                others = self._alphabet.encode("ascii", "ignore").decode()
                return frozenset(others) - _CATEGORIES[_NEGATED[value]]
            return _CATEGORIES[value]
        return frozenset()  # the sign of negation

    def _set(self, signs: Any, flags: int = 0) -> int:
        if flags & re.IGNORECASE:
            signs = {form for s in signs for form in (s, s.lower(), s.upper())}
        return sum(self._bits.get(sign, 0) for sign in signs)

    def _ascii(self) -> int:
        return self._set({sign for sign in self._alphabet if sign.isascii()})


def _ways(layers: list[_Layer], state: _State) -> Iterator[list[int]]:
    """Each way to a state of the last layer, as the characters' sets."""
    ways = [iter(layers[-1][state])]
    masks: list[int] = []
    while ways:
        left = len(layers) - len(ways)
        step = next(ways[-1], None) if left else None
        if step is None:
            if not left:
                yield masks[::-1]
            ways.pop()
            if masks:
                masks.pop()
            continue
        before, mask = step
        masks.append(mask)
        ways.append(iter(layers[left - 1][before]))


def _is_anchored(nodes: Any) -> bool:
    """Whether an expression can only match from the beginning."""
    for op, value in nodes:
        if op is c.AT:
            return value in (c.AT_BEGINNING, c.AT_BEGINNING_STRING)
        if op is c.SUBPATTERN:
            return _is_anchored(value[3])
        if op is c.BRANCH:
            return all(_is_anchored(each) for each in value[1])
        return False
    return False


def _codes(nodes: Any) -> Iterator[int]:
    """The characters that an expression names; of a range those at its ends."""
    for op, value in nodes:
        members = value if op is c.IN else [(op, value)]
        for kind, named in members:
            if kind is c.RANGE:
                low, high = named
                yield from {low, min(low + 1, high), min(low + 2, high), high}
            elif kind in (c.LITERAL, c.NOT_LITERAL):
                yield named
        for inner in _inner(value):
            yield from _codes(inner)


def _parsed(expression: str) -> Any:
    if len(expression) > MAX_EXPRESSION:
        raise NotUnderstood(f"an expression of more than {MAX_EXPRESSION:,} characters")
    try:
        with warnings.catch_warnings():  # of what they may come to mean
            warnings.simplefilter("ignore")
            parsed = _parser.parse(in_python(expression))
    except (re.error, RecursionError, OverflowError, ValueError) as error:
        raise NotUnderstood(f"not a regular expression: {error}") from error
    _refer(parsed, {})
    return parsed


def _refer(nodes: Any, groups: dict[int, Any]) -> None:
    """Have the expression of a group stand where the group is referred to."""
    for at, (op, value) in enumerate(nodes):
        if op is c.GROUPREF and value in groups:
            nodes[at] = c.SUBPATTERN, (None, 0, 0, groups[value])
        if op is c.ASSERT_NOT and _refers(value):
            nodes[at] = c.BRANCH, (None, [[]])  # it would rule out too much
        for inner in _inner(value):
            _refer(inner, groups)
        if op is c.SUBPATTERN and value[0] is not None:
            groups[value[0]] = value[3]


def _refers(value: Any) -> bool:
    return any(
        op is c.GROUPREF or _refers(under)
        for inner in _inner(value)
        for op, under in inner
    )


def _inner(value: Any) -> Iterator[Any]:
    """The expressions directly within what stands beside an operation."""
    if isinstance(value, _parser.SubPattern):
        yield value
    elif isinstance(value, tuple | list):
        for each in cast("list[Any]", value):
            yield from _inner(each)


# What JavaScript, whose expressions are those of JSON Schema, and Rust write otherwise.
_FOREIGN = re.compile(
    r"\\(?P<not>p|P)(?:\{(?P<property>\^?[\w=]+)\}|(?P<short>[A-Z]))"
    r"|\\u\{(?P<code>[0-9a-fA-F]{1,6})\}"
    r"|\\c(?P<control>[A-Za-z])"
    r"|(?P<named>\(\?<(?![=!]))"
    r"|\\k<(?P<back>\w+)>"
    r"|(?P<any>\[\^\])"
    r"|\\z|\\.|[\[\]]",
    re.DOTALL,
)


def in_python(expression: str) -> str:
    """A regular expression of JavaScript's or Rust's as Python writes it."""
    inside = False

    def written(match: re.Match[str]) -> str:
        nonlocal inside
        if match["named"]:
            return "(?P<"
        if match["back"]:
            return f"(?P={match['back']})"
        if match["code"]:
            return re.escape(chr(min(int(match["code"], 16), 0x10FFFF)))
        if match["control"]:
            return re.escape(chr(ord(match["control"].upper()) - 64))
        if match["any"]:
            return r"[\s\S]"
        if match["not"]:
            named = (match["property"] or match["short"]).rpartition("=")[2]
            signs = _having(named, wanted=match["not"] == "p")
            return signs if inside else f"[{signs}]"
        if match[0] == r"\z":
            return r"\Z"
        if match[0] in "[]":
            if match[0] == "[" and inside:
                return r"\["
            inside = match[0] == "["
        return match[0]

    return _FOREIGN.sub(written, expression)


def _having(named: str, *, wanted: bool) -> str:
    """The characters of the alphabet that have a property of Unicode's, for a set."""
    wanted = wanted is not named.startswith("^")
    short = _PROPERTIES.get(named.lstrip("^"), named.lstrip("^"))
    signs = [re.escape(sign) for sign in _ALPHABET if wanted is _has(sign, short)]
    return "".join(signs) or r"\uffff"


def _has(sign: str, short: str) -> bool:
    if len(short) < 3 and short != "CJK":
        return unicodedata.category(sign).startswith(short)
    return unicodedata.name(sign, "").startswith(short.upper())


# What JavaScript and Python take, and Rust writes otherwise.
_TO_RUST = re.compile(
    r"\\k<(?P<back>\w+)>|\(\?P=(?P<python>\w+)\)|(?P<end>\\Z)|(?P<any>\[\^\])|\\.",
    re.DOTALL,
)


def in_rust(expression: str) -> str:
    """A regular expression as the validator's engine writes it."""

    def written(match: re.Match[str]) -> str:
        if named := match["back"] or match["python"]:
            return rf"\{_group(expression, named)}"
        if match["end"]:
            return r"\z"
        return r"[\s\S]" if match["any"] else match[0]

    return _TO_RUST.sub(written, expression)


def _group(expression: str, name: str) -> int | str:
    try:
        return re.compile(in_python(expression)).groupindex[name]
    except (re.error, RecursionError, OverflowError, KeyError):
        return f"k<{name}>"
