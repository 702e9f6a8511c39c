"""What a prompt asks to be worked out: sums, equations, and a well-known puzzle."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from responses_emulator.model import arithmetic
from responses_emulator.model.arithmetic import Token, Tree, parsed
from responses_emulator.model.words import lazy_pattern, mentions

MAX_PROMPT = 10_000  # characters that are looked at
MAX_RUNS = 200  # stretches that may be formulas
MAX_SIDE = 40  # tokens of a side of an equation, where words are run into it
CUE_CHARACTERS = 100  # before a formula, in which it is asked for
MAX_RESULTS = 5  # of one prompt

_CUE = lazy_pattern(
    r"\b(?:what|what's|how much|how about|calculate|compute|evaluate|work out|solve"
    r"|find|result|value|tell me|give me|simplify|add|multiply|check)\b[^.?!\n]{0,60}$"
    r"|\bdo$",
    re.IGNORECASE,
)
_ANY = lazy_pattern(r"\d|=|equal", re.IGNORECASE)  # no formula is without
_ANY_OF = (*"0123456789=", "equal")
_DATE = lazy_pattern(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}")
_END = lazy_pattern(
    r"\s*(?:$|[?.,;:!\n=]"
    r"|(?:and|please|using|with|in|to|rounded|exactly|for|by|then)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Formulas:
    """What a prompt has to offer: pairs of equal sides, and formulas without `=`."""

    equations: list[tuple[Tree, Tree]]
    expressions: list[Tree]


class Linear(NamedTuple):
    """slope times the unknown, plus constant."""

    slope: Fraction
    constant: Fraction


class Equation(NamedTuple):
    """An equation that a prompt asks to solve, and what each side comes to."""

    text: str
    unknown: str
    left: Linear
    right: Linear

    @property
    def solution(self) -> Fraction | None:
        """The unknown's value, or None when no one value fits."""
        slope = self.left.slope - self.right.slope
        if not slope:
            return None
        return (self.right.constant - self.left.constant) / slope


def has_any(text: str) -> bool:
    """Whether there may be a formula in a text; quick, for most have none."""
    if text.isascii():  # where looking for each is much cheaper than the pattern
        return mentions(text.lower(), _ANY_OF)
    return bool(_ANY().search(text))


def find(prompt: str) -> Formulas:
    """The equations and the arithmetic that a prompt asks about.

    `x = 5` by itself is no equation: there is nothing to be solved.
    """
    return _find(prompt[:MAX_PROMPT])


@lru_cache(16)  # several rules ask in turn
def _find(text: str) -> Formulas:
    if not has_any(text):
        return Formulas([], [])
    text = arithmetic.spelled_out(text)
    if not arithmetic.has_operator(text):
        return Formulas([], [])
    equations: list[tuple[Tree, Tree]] = []
    expressions: list[Tree] = []
    for run in arithmetic.runs(text)[:MAX_RUNS]:
        kinds = [token.text for token in run]
        if "==" in kinds or kinds.count("=") > 1:
            continue  # code, or a chain
        if "=" in kinds:
            at = kinds.index("=")
            left, right = _ending(run[:at]), _beginning(run[at + 1 :])
            if left and right:
                if not _is_assignment(left, right):
                    equations.append((left, right))
            elif left and not run[at + 1 :] and not arithmetic.names(left):
                expressions.append(left)  # "17 * 23 = ?"
        else:
            found = _expression(text, run)
            if found:
                expressions.append(found)
    return Formulas(equations, expressions)


def results(prompt: str) -> list[tuple[str, Fraction | float]]:
    """The first sums of a prompt, as one writes them, and their values."""
    found: list[tuple[str, Fraction | float]] = []
    for tree in find(prompt).expressions[:MAX_RESULTS]:
        try:
            found.append((arithmetic.as_text(tree), arithmetic.evaluate(tree)))
        except (ArithmeticError, ValueError):
            continue  # it has no value, or is too large
    return found


def equation(prompt: str) -> Equation | None:
    """The first linear equation in one unknown; None when there is none."""
    for sides in find(prompt).equations:
        unknowns = arithmetic.names(sides[0]) | arithmetic.names(sides[1])
        if len(unknowns) != 1:
            continue
        unknown = unknowns.pop()
        try:
            left, right = (_linear(side, unknown) for side in sides)
            text = " = ".join(arithmetic.as_text(side) for side in sides)
            found = Equation(text, unknown, left, right)
            arithmetic.bounded(found.solution or Fraction(0))
        except (ArithmeticError, ValueError):
            continue
        return found
    return None


def difference_puzzle(prompt: str) -> tuple[str, str, Fraction, Fraction] | None:
    """The bat and the ball: (dearer, cheaper, total, difference), or None.

    "A bat and a ball cost $1.10 in total. The bat costs $1 more than the ball." The
    cheaper thing may go without saying where the question names it.
    """
    text = " ".join(prompt[:1000].lower().split())
    if " more" not in text:
        return None
    money = (
        r"(?:[$£€]\s?)?(\d{1,9}(?:\.\d{1,4})?)(?:\s?(?:dollars|pounds|euros|cents))?"
    )
    thing = r"(?:the |an? )?([a-z]+)"
    total = re.search(rf"\bcost\w* (?:a total of )?{money}(?! more)", text)
    more = re.search(rf"\b{thing} costs? {money} more(?: than {thing}|\b)", text)
    asked = re.search(rf"\bhow much (?:is|does|did) {thing}", text)
    if not total or not more:
        return None
    dearer, difference, cheaper = more.groups()
    cheaper = cheaper or (asked and asked[1])
    if not cheaper or cheaper == dearer or Fraction(difference) > Fraction(total[1]):
        return None
    return dearer, cheaper, Fraction(total[1]), Fraction(difference)


def _expression(text: str, run: list[Token]) -> Tree | None:
    """The arithmetic in a run, if the words around it ask for its value."""
    before, after = text[: run[0].start].strip(), text[run[-1].end :]
    near = max(0, len(before) - CUE_CHARACTERS)
    if _DATE().fullmatch(text, run[0].start, run[-1].end):
        return None
    if run[-1].text == "!" and (len(run) > 2 or after.startswith(" ")):
        run = run[:-1]  # an exclamation: a factorial stands alone
    # "24/7 support" and "2-3 sentences" are no sums.
    doubtful = {token.text for token in run if token.kind != "number"} <= {"-", "/"}
    begins = not before or (before[-1] in ".,:;!?" and not doubtful)
    if not begins and not _CUE().search(before, near):
        return None
    if doubtful and not _END().match(after):
        return None
    tree = parsed(run)
    if tree is None or arithmetic.names(tree) or arithmetic.is_number(tree):
        return None
    return tree


def _ending(run: list[Token]) -> Tree | None:
    """The longest formula with which the run ends."""
    if not arithmetic.may_end(run):
        return None
    first = max(0, len(run) - MAX_SIDE)
    return next((t for i in range(first, len(run)) if (t := parsed(run[i:]))), None)


def _beginning(run: list[Token]) -> Tree | None:
    """The longest formula with which the run begins."""
    if not arithmetic.may_begin(run):
        return None
    last = min(len(run), MAX_SIDE)
    return next((t for i in range(last, 0, -1) if (t := parsed(run[:i]))), None)


def _is_assignment(left: Tree, right: Tree) -> bool:
    return left.op == "name" and arithmetic.is_number(right)


def _linear(side: Tree, unknown: str) -> Linear:
    """One side of an equation; two of its values tell both parts.

    Raises ValueError if it isn't linear, ArithmeticError if it has no value.
    """
    if (degree := arithmetic.degree(side)) is None or degree > 1:
        raise ValueError("not linear")
    zero, one = (arithmetic.evaluate(side, {unknown: Fraction(at)}) for at in (0, 1))
    return Linear(Fraction(one) - Fraction(zero), Fraction(zero))
