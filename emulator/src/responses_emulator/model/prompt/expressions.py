"""Arithmetic in a text: the expressions that it has, as Python and worked out.

Only what is written in figures and signs is one: "17 * (23 + 4)", "3^3", "6 x 7". What
a text says goes no further than this: the program is made of numbers and operators.
"""

import ast
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:  # imported where it is needed: few prompts have arithmetic
    from fractions import Fraction

MAX_TEXT = 4_000  # characters that are looked at
MAX_LENGTH = 200  # characters of one expression
MAX_TRIED = 8
MAX_BITS = 1_000  # of a number: any such fits a float

_SIGNS = str.maketrans(
    {**dict.fromkeys("\u2212\u2013", "-"), **dict.fromkeys("\u00d7\u00b7\u22c5", "*")}
    | {"\u00f7": "/", "\u00b2": "^2", "\u00b3": "^3"}
)
_FIGURE = re.compile(r"\d")
# A stretch of figures and signs; its ends are tidied afterwards.
_RUN = re.compile(
    r"(?<![\w.^])[-+(\d](?:[\d\s.,()+*/^%-]|(?<=\d)x(?=\d)|(?<=\s)x(?=\s))*(?![\w^])"
)
# A date, a span or an id has signs as well, but no spaces around them.
_SURE = re.compile(r"[x*^%+()]|\s[-/]\s")
_ASKED = re.compile(r"(?i)(?:\bis|what'?s|calculate|compute|evaluate|solve)\s*$")
_NAMES: dict[type[ast.AST], str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%"},
    ast.Pow: "^",
}
_BINARY: dict[type[ast.AST], Callable[["Fraction", "Fraction"], "Fraction"]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Mod: lambda a, b: a % b,
}


class Expression(NamedTuple):
    """An expression of a text."""

    text: str  # as it stands there, its spaces evened out
    code: str  # as Python writes it
    result: str  # a whole number, or one with a point
    signs: frozenset[str]  # of + - * / % ^, those that it has


def find(text: str) -> list[Expression]:
    """The expressions of a text that have a value, each once."""
    text = text[:MAX_TEXT]
    if not _FIGURE.search(text):
        return []  # as in most prompts
    found: dict[str, Expression] = {}
    text = text.translate(_SIGNS)
    tried = 0
    for run in _RUN.finditer(text):
        written = " ".join(run[0].split()).strip(" .,+*/^%-x")
        if run[0].lstrip().startswith("-"):
            written = f"-{written}"
        asked = _ASKED.search(text, max(0, run.start() - 20), run.start())
        if len(written) > MAX_LENGTH or not (asked or _SURE.search(written)):
            continue
        tried += 1
        if tried > MAX_TRIED:
            break
        if one := _expression(written):
            found.setdefault(one.code, one)
    return list(found.values())


def _expression(written: str) -> Expression | None:
    code = re.sub(r"(?<=\d),(?=\d{3}\b)", "", written)
    code = code.replace("x", "*").replace("^", "**")
    try:
        tree = ast.parse(code, mode="eval").body
        value = _value(tree)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return None
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]
    signs = frozenset(_NAMES[type(node.op)] for node in nodes)
    if not signs:
        return None
    return Expression(written, ast.unparse(tree), _shown(value), signs)


def _value(tree: ast.AST) -> "Fraction":
    """What an expression comes to. Raises ValueError for what is too large or odd."""
    from fractions import Fraction

    if isinstance(tree, ast.Constant) and type(tree.value) in (int, float):
        return Fraction(str(tree.value))
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub | ast.UAdd):
        value = _value(tree.operand)
        return -value if isinstance(tree.op, ast.USub) else value
    if not isinstance(tree, ast.BinOp):
        raise ValueError("no arithmetic")
    left, right = _value(tree.left), _value(tree.right)
    if isinstance(tree.op, ast.Pow):
        value = _power(left, right)
    elif type(tree.op) in _BINARY:
        value = _BINARY[type(tree.op)](left, right)
    else:
        raise ValueError("no arithmetic")
    if max(_bits(value.numerator), _bits(value.denominator)) > MAX_BITS:
        raise ValueError("too large")
    return value


def _power(base: "Fraction", exponent: "Fraction") -> "Fraction":
    from fractions import Fraction

    if exponent.denominator != 1:
        return Fraction(str(float(base) ** float(exponent)))
    size = max(_bits(base.numerator), _bits(base.denominator))
    if abs(exponent) * size > 2 * MAX_BITS:
        raise ValueError("too large")
    return Fraction(base**exponent)


def _bits(number: int) -> int:
    return abs(number).bit_length()


def _shown(value: "Fraction") -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.12g}"
