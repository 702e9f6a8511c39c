"""Small sums and equations in one unknown, found in a prompt and worked out exactly."""

import ast
import re
from fractions import Fraction
from typing import NamedTuple

MAX_LENGTH = 200  # characters of an expression
MAX_DIGITS = 60  # of any number on the way
MAX_EXPONENT = 200


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


class _CannotSolve(Exception):
    """Not a sum, or one too large."""


_SIGNS = str.maketrans({0xD7: "*", 0xB7: "*", 0xF7: "/", 0x2212: "-", 0x2013: "-"})
_IN_WORDS = (
    (r"\bplus\b", "+"),
    (r"\bminus\b", "-"),
    (r"\b(?:times|multiplied by)\b", "*"),
    (r"(?<=\d) ?x ?(?=\d)", "*"),
    (r"\b(?:divided by|over)\b", "/"),
    (r"\bto the power of\b", "^"),
    (r"(?<=\d) ?% of\b", "/100*"),
    (r"\bsquared\b", "^2"),
    (r"\bcubed\b", "^3"),
    (r"(?<=\d),(?=\d{3}\b)", ""),
)
_TERM = r"[\d.()+\-*/^ ]"


def shown(value: Fraction) -> str:
    """A number as one writes it: -3.75, 42, or 1/3 = 0.3333 as "0.3333"."""
    if value.denominator == 1:
        return str(value.numerator)
    digits = f"{float(value):.10f}".rstrip("0").rstrip(".")
    exact = Fraction(digits) == value
    return digits if exact else f"{float(value):.4f}".rstrip("0").rstrip(".")


def expression(prompt: str) -> tuple[str, Fraction] | None:
    """The first sum in a prompt and its value; None when there is none to do."""
    normalised = _normalised(prompt)
    asked = re.search(r"\bwhat|\bhow much|calculat|comput|evaluat|=", normalised)
    for match in re.finditer(rf"[\d(.\-]{_TERM}*[\d)]", normalised):
        text = match[0].strip()
        if not re.search(r"[\d)]\s*[-+*/^]\s*[\d(.\-]", text):
            continue
        if re.fullmatch(r"\d+(?:\s*[-/]\s*\d+){2}|\d{4}-\d\d", text):
            continue  # a date or a telephone number
        if re.fullmatch(r"\d+-\d+", text) and not asked:
            continue  # a range
        try:
            value = _linear(text, "")
        except _CannotSolve:
            continue
        return " ".join(text.split()), value.constant
    return None


def equation(prompt: str) -> Equation | None:
    """The first linear equation in a prompt; None when there is none."""
    text = _normalised(prompt)
    side = r"(?:[\d.()+\-*/^ ]|(?<![a-z])[a-z](?![a-z]))+"
    for sign in list(re.finditer("=", text))[:5]:
        before = re.search(side + "$", text[max(0, sign.start() - 100) : sign.start()])
        after = re.match(side, text[sign.end() : sign.end() + 100])
        if not before or not after:
            continue
        sides = [before[0].strip(), after[0].strip(" .")]
        names = set(re.findall(r"[a-z]", " ".join(sides)))
        if len(names) != 1:
            continue
        unknown = names.pop()
        try:
            left, right = (_linear(part, unknown) for part in sides)
        except _CannotSolve:
            continue
        written = " = ".join(" ".join(part.split()) for part in sides)
        return Equation(written, unknown, left, right)
    return None


def difference_puzzle(prompt: str) -> tuple[str, str, Fraction, Fraction] | None:
    """The bat and the ball: (dearer, cheaper, total, difference), or None.

    "A bat and a ball cost $1.10 in total. The bat costs $1 more than the ball."
    """
    text = " ".join(prompt[:1000].lower().split())
    money = (
        r"(?:[$£€]\s?)?(\d{1,9}(?:\.\d{1,4})?)(?:\s?(?:dollars|pounds|euros|cents))?"
    )
    thing = r"(?:the |an? )?([a-z]+)"
    total = re.search(rf"\bcost\w* (?:a total of )?{money}(?! more)", text)
    more = re.search(rf"\b{thing} costs? {money} more than {thing}", text)
    if not total or not more:
        return None
    dearer, difference, cheaper = more.groups()
    if Fraction(difference) > Fraction(total[1]):
        return None
    return dearer, cheaper, Fraction(total[1]), Fraction(difference)


def _normalised(prompt: str) -> str:
    text = prompt[:1000].lower().translate(_SIGNS).replace("**", "^")
    for pattern, sign in _IN_WORDS:
        text = re.sub(pattern, sign, text)
    return text


def _linear(text: str, unknown: str) -> Linear:
    """The value of one side. Raises _CannotSolve."""
    if len(text) > MAX_LENGTH:
        raise _CannotSolve
    code = text.strip().replace("^", "**")
    if unknown:
        code = re.sub(rf"(?<=[\d)])\s*(?={unknown})", "*", code)
    code = re.sub(r"(?<=[\d)])\s*(?=\()", "*", code)
    code = re.sub(r"\b0+(?=\d)", "", code)
    try:
        return _value(ast.parse(code, mode="eval").body, unknown)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _CannotSolve from error


def _value(node: ast.expr, unknown: str) -> Linear:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return Linear(Fraction(0), Fraction(str(node.value)))
    if isinstance(node, ast.Name) and node.id == unknown:
        return Linear(Fraction(1), Fraction(0))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _value(node.operand, unknown)
        if isinstance(node.op, ast.UAdd):
            return inner
        return Linear(-inner.slope, -inner.constant)
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left, unknown), _value(node.right, unknown)
        return _bounded(_combined(node.op, left, right))
    raise _CannotSolve


def _combined(operator: ast.operator, left: Linear, right: Linear) -> Linear:
    if isinstance(operator, ast.Add):
        return Linear(left.slope + right.slope, left.constant + right.constant)
    if isinstance(operator, ast.Sub):
        return Linear(left.slope - right.slope, left.constant - right.constant)
    if isinstance(operator, ast.Mult) and not (left.slope and right.slope):
        return Linear(
            left.slope * right.constant + right.slope * left.constant,
            left.constant * right.constant,
        )
    if isinstance(operator, ast.Div) and not right.slope and right.constant:
        return Linear(left.slope / right.constant, left.constant / right.constant)
    if isinstance(operator, ast.Pow) and not (left.slope or right.slope):
        exponent = right.constant
        if exponent.denominator == 1 and abs(exponent) <= MAX_EXPONENT:
            if not left.constant and exponent < 0:
                raise _CannotSolve
            return Linear(Fraction(0), left.constant ** int(exponent))
    raise _CannotSolve


def _bounded(value: Linear) -> Linear:
    limit = 10**MAX_DIGITS
    for part in value:
        if abs(part.numerator) > limit or part.denominator > limit:
            raise _CannotSolve
    return value
