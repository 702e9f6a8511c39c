"""Formulas as trees: read from a text, computed, and written for people and Python.

A prompt's text goes no further than this module: what comes out is made of numbers,
operators, a few known functions and one-letter names, whatever stood around them.
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import NamedTuple

from responses_emulator.model.words import lazy_pattern, mentions

MAX_TOKENS = 120  # of one formula
MAX_DEPTH = 30  # of its parentheses
MAX_BITS = 1_000  # of a number that is computed here: any such fits a float

FUNCTIONS = ("sqrt", "cbrt", "factorial")
NOT_UNKNOWN = ("a", "A", "I")  # as words of their own they are English, not names

# What people write for an operator: single characters, and a word that has to be there,
# the regular expression for it, and the sign.
CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2013", "-"),  # minus sign, en dash
        **dict.fromkeys("\u00d7\u00b7\u22c5", "*"),  # times sign, dots
        "÷": "/",
        "²": "^2",
        "³": "^3",
        "√": " sqrt ",
    }
)
SPELLINGS = (
    ("**", r"\*\*", "^"),
    ("cube root of", r"\b(?:the )?cube root of\b", " cbrt "),
    ("root of", r"\b(?:the )?(?:square root|root) of\b", " sqrt "),
    ("factorial of", r"\b(?:the )?factorial of\b", " factorial "),
    (" factorial", r"\b(\d+) factorial\b", r" factorial \1 "),
    ("to the power", r"\b(?:raised )?to the power(?: of)?\b", "^"),
    ("squared", r"\bsquared\b", "^2"),
    ("cubed", r"\bcubed\b", "^3"),
    ("multiplied by", r"\bmultiplied by\b", "*"),
    ("times", r"\btimes\b", "*"),
    ("divided by", r"\bdivided by\b", "/"),
    ("plus", r"\bplus\b", "+"),
    ("minus", r"\bminus\b", "-"),
    ("is equal to", r"\bis equal to\b", "="),
    ("equals", r"\bequals\b", "="),
    ("% of", r"% of\b", "% *"),
    ("cent of", r"\bper ?cent of\b", "% *"),
    ("x", r"(?<=\d)\s*x\s*(?=\d)", " * "),
    ("mod", r"(?<=\d)\s*\bmod(?:ulo)?\b\s*(?=\d)", " mod "),
)
_OPERATORS = (*"-+*/^%=(!", "mod", *FUNCTIONS)  # a formula has one of them
TOKEN = lazy_pattern(
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)"
    r"|(?P<operator>==|[-+*/^%=()!])"
    r"|(?P<word>[^\W\d_]+)"
    r"|(?P<other>\S)"
)


class Token(NamedTuple):
    """A piece of the text; `kind` is number, operator, function, name or stop."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Tree:
    """A formula: an operator with operands, or a number or a name as a leaf.

    `op` is one of number, name, neg, + - * / ^ mod % and the FUNCTIONS; a leaf has its
    `text` (digits, or one letter).
    """

    op: str
    text: str = ""
    args: tuple["Tree", ...] = ()


def names(tree: Tree) -> set[str]:
    """The one-letter names in a formula."""
    if tree.op == "name":
        return {tree.text}
    return set[str]().union(*(names(arg) for arg in tree.args))


def is_whole(tree: Tree) -> bool:
    """Whether the formula is made of whole numbers and can't leave them."""
    if tree.op == "number":
        return tree.text.isdigit()
    if tree.op == "^" and tree.args[1].op != "number":
        return False
    wholes = ("neg", "+", "-", "*", "^", "mod", "factorial")
    return tree.op in wholes and all(is_whole(arg) for arg in tree.args)


def degree(tree: Tree) -> int | None:
    """The highest power of its names; None where the formula is no polynomial."""
    if tree.op == "number":
        return 0
    if tree.op == "name":
        return 1
    degrees = [degree(arg) for arg in tree.args]
    if None in degrees:
        return None
    known = [d for d in degrees if d is not None]
    if not any(known):
        return 0
    if tree.op in ("+", "-", "neg"):
        return max(known)
    if tree.op == "*":
        return sum(known)
    if tree.op == "/" and known[1] == 0:
        return known[0]
    if tree.op == "^" and tree.args[1].op == "number" and tree.args[1].text.isdigit():
        power = int(tree.args[1].text)
        return known[0] * power if power < 10 else None
    return None


def evaluate(tree: Tree, values: dict[str, Fraction] | None = None) -> Fraction | float:
    """The value of a formula, exact where it can be.

    Raises ArithmeticError or ValueError for what has no value or is too large to be
    computed here.
    """
    if tree.op == "number":
        return bounded(Fraction(tree.text))
    if tree.op == "name":
        if values is None or tree.text not in values:
            raise ValueError(f"{tree.text} has no value")
        return values[tree.text]
    args = [evaluate(arg, values) for arg in tree.args]
    value = _apply(tree.op, *args)
    if isinstance(value, complex):
        raise ValueError("not a real number")
    return bounded(value)


def bounded(value: Fraction | float) -> Fraction | float:
    """The same value; raises OverflowError if it is too large."""
    if isinstance(value, Fraction):
        too_large = _bits(value) > MAX_BITS
    else:
        too_large = not math.isfinite(value)
    if too_large:
        raise OverflowError("too large")
    return value


def is_number(tree: Tree) -> bool:
    """Whether there is nothing to compute: `5`, `-5`, `5%`."""
    return tree.op == "number" or (tree.op in ("neg", "%") and is_number(tree.args[0]))


def as_text(tree: Tree) -> str:
    """The formula as a person would write it: `3x + 11`."""
    return _text(tree)[0]


def as_python(tree: Tree) -> str:
    """The formula as a Python expression; it needs `math` and `Fraction`."""
    return _python(tree)[0]


def shown(value: Fraction | float) -> str:
    """A number for people: 42, -3.75, and with four decimals what never ends."""
    if value == int(value):
        return str(int(value))
    digits = f"{float(value):.10f}".rstrip("0").rstrip(".")
    exact = Fraction(digits) == value
    return digits if exact else f"{float(value):.4f}".rstrip("0").rstrip(".")


# --- from text to tokens -------------------------------------------------------------


def spelled_out(text: str) -> str:
    """The text with signs for the operators that it has in words."""
    if not text.isascii():
        text = text.translate(CHARACTERS)
    low = text.casefold()
    for word, pattern, sign in SPELLINGS:
        if word in low:
            text = _spelling(pattern).sub(sign, text)
            low = text.casefold()
    return text


@cache
def _spelling(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def has_operator(text: str) -> bool:
    """Whether a text, once spelled out, has anything to compute; most have nothing."""
    return mentions(text.lower(), _OPERATORS)


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    for match in TOKEN().finditer(text):
        kind, word = match.lastgroup or "other", match.group()
        if kind == "number":
            word = word.replace(",", "")
            if len(word) > 400:
                kind = "stop"
        elif kind == "word":
            if word.lower() in FUNCTIONS:
                kind, word = "function", word.lower()
            elif word.lower() == "mod":
                kind, word = "operator", "mod"
            elif len(word) == 1 and word.isascii() and not _is_english(text, match):
                kind = "name"
            else:
                kind = "stop"
        elif kind == "other" or (word == "!" and not _ends_operand(tokens)):
            kind = "stop"
        tokens.append(Token(kind, word, match.start(), match.end()))
    return tokens


def _ends_operand(tokens: list[Token]) -> bool:
    """Whether there is something before an exclamation mark to be its factorial."""
    return bool(tokens) and tokens[-1].kind != "stop"


def _is_english(text: str, match: re.Match[str]) -> bool:
    """Whether the letter is the word "a" or "I" and no unknown."""
    if match.group() not in NOT_UNKNOWN:
        return False
    before, after = text[: match.start()], text[match.end() :]
    if before and not before[-1].isspace():
        return False
    operator = r"[-+*/^=]"
    return not re.match(rf"\s*{operator}", after) and not re.search(
        rf"{operator}\s*$", before[-10:]
    )


def runs(text: str) -> list[list[Token]]:
    """The stretches of a text that might be formulas: no word is between them."""
    found: list[list[Token]] = [[]]
    for token in _tokens(text):
        if token.kind == "stop":
            found.append([])
        else:
            found[-1].append(token)
    return [run for run in found if 1 < len(run) <= MAX_TOKENS]


# --- from tokens to trees ------------------------------------------------------------


def parsed(run: list[Token]) -> Tree | None:
    """The whole run as one formula, or None."""
    parser = _Parser(run)
    try:
        tree = parser.sum()
    except SyntaxError:
        return None
    return tree if parser.at == len(run) else None


def may_begin(run: list[Token]) -> bool:
    """Whether a formula can begin as these tokens do."""
    return bool(run) and (run[0].kind != "operator" or run[0].text in "-+(")


def may_end(run: list[Token]) -> bool:
    """Whether a formula can end as these tokens do."""
    return bool(run) and (run[-1].kind != "operator" or run[-1].text in ")!%")


class _Parser:
    """Reads a formula by the usual rules: each method reads one level of precedence."""

    def __init__(self, run: list[Token]) -> None:
        self.run = run
        self.at = 0
        self.depth = 0

    def next_is(self, *texts: str) -> bool:
        """Whether the next token is one of these operators."""
        if self.at == len(self.run):
            return False
        token = self.run[self.at]
        return token.kind == "operator" and token.text in texts

    def take(self) -> Token:
        """The next token, which is then behind us."""
        if self.at == len(self.run):
            raise SyntaxError
        self.at += 1
        return self.run[self.at - 1]

    def sum(self) -> Tree:
        """Terms, added and subtracted."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise SyntaxError
        tree = self.product()
        while self.next_is("+", "-"):
            tree = Tree(self.take().text, args=(tree, self.product()))
        self.depth -= 1
        return tree

    def product(self) -> Tree:
        """Factors: with an operator between them, or none as in `3x` and `2(x + 1)`."""
        tree = self.signed()
        while True:
            if self.next_is("*", "/", "mod"):
                tree = Tree(self.take().text, args=(tree, self.signed()))
            elif self.next_is("%"):  # not a per cent sign: `power` would have it
                self.take()
                tree = Tree("mod", args=(tree, self.signed()))
            elif self.factor_follows():
                tree = Tree("*", args=(tree, self.power()))
            else:
                return tree

    def factor_follows(self) -> bool:
        """Whether the next token is a factor though no operator says so."""
        if self.at == 0 or self.at == len(self.run):
            return False
        token, before = self.run[self.at], self.run[self.at - 1]
        touches = before.end == token.start
        if token.kind in ("name", "function") or self.next_is("("):
            return touches or before.kind == "number"
        return False

    def signed(self) -> Tree:
        """A factor, with its sign."""
        if self.next_is("-", "+"):
            sign = self.take().text
            if self.next_is("-", "+"):
                raise SyntaxError
            operand = self.signed()
            return Tree("neg", args=(operand,)) if sign == "-" else operand
        return self.power()

    def power(self) -> Tree:
        """An operand, with what stands behind it: a power, a factorial, a per cent."""
        tree = self.operand()
        if self.next_is("!"):
            self.take()
            tree = Tree("factorial", args=(tree,))
        if self.next_is("%") and self.is_per_cent():
            self.take()
            tree = Tree("%", args=(tree,))
        if self.next_is("^"):
            self.take()
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise SyntaxError
            tree = Tree("^", args=(tree, self.signed()))
            self.depth -= 1
        return tree

    def is_per_cent(self) -> bool:
        """Whether the sign that comes is a per cent sign: no operand follows it."""
        if self.at + 1 == len(self.run):
            return True
        after = self.run[self.at + 1]
        return after.kind == "operator" and after.text != "("

    def operand(self) -> Tree:
        """A number, a name, a function's value or a sum in parentheses."""
        token = self.take()
        if token.kind in ("number", "name"):
            return Tree(token.kind, token.text)
        if token.kind == "function":
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise SyntaxError
            tree = Tree(token.text, args=(self.operand(),))
            self.depth -= 1
            return tree
        if token.kind == "operator" and token.text == "(":
            tree = self.sum()
            if not self.next_is(")"):
                raise SyntaxError
            self.take()
            return tree
        raise SyntaxError


# --- from trees to values and text ---------------------------------------------------


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _apply(op: str, *args: Fraction | float) -> Fraction | float | complex:
    first = args[0]
    match op:
        case "neg":
            return -first
        case "%":
            return first / 100
        case "+":
            return first + args[1]
        case "-":
            return first - args[1]
        case "*":
            return first * args[1]
        case "/":
            return first / args[1]
        case "mod":
            return first % args[1]
        case "^":
            return _power(first, args[1])
        case "sqrt":
            return _root(first)
        case "cbrt":
            return math.cbrt(first)
        case _:
            if first != int(first) or not 0 <= first <= 300:
                raise ValueError("no factorial that is computed here")
            return Fraction(math.factorial(int(first)))


def _power(
    base: Fraction | float, power: Fraction | float
) -> Fraction | float | complex:
    if isinstance(base, Fraction) and _bits(base) * abs(power) > MAX_BITS:
        raise OverflowError("too large")
    return base**power


def _root(value: Fraction | float) -> Fraction | float:
    if isinstance(value, Fraction) and value >= 0:
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
    return math.sqrt(value)


# How tightly a piece of text holds together; what holds less is put in parentheses.
SUM, PRODUCT, SIGN, POWER, ATOM = range(1, 6)
LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT, "mod": PRODUCT}


def _wrapped(piece: tuple[str, int], level: int) -> str:
    return piece[0] if piece[1] >= level else f"({piece[0]})"


def _text(tree: Tree) -> tuple[str, int]:
    if not tree.args:
        return tree.text, ATOM
    first = _text(tree.args[0])
    if tree.op == "neg":
        return "-" + _wrapped(first, SIGN), SIGN
    if tree.op == "%":
        return _wrapped(first, ATOM) + "%", ATOM
    if tree.op == "factorial":
        return _wrapped(first, ATOM) + "!", ATOM
    if tree.op in FUNCTIONS:
        return f"{tree.op}({first[0]})", ATOM
    second = _text(tree.args[1])
    if tree.op == "^":
        return f"{_wrapped(first, ATOM)}^{_wrapped(second, POWER)}", POWER
    level = LEVELS[tree.op]
    left, right = _wrapped(first, level), _wrapped(second, level + 1)
    is_factor = tree.op == "*" and tree.args[0].op == "number"
    if is_factor and names(tree.args[1]) and (right[0].isalpha() or right[0] == "("):
        return left + right, level  # 3x
    sign = "of" if tree.op == "*" and tree.args[0].op == "%" else tree.op
    return f"{left} {sign} {right}", level


def _python(tree: Tree) -> tuple[str, int]:
    if tree.op == "number":
        # Exact: 0.1 as a float is not. And 007 would be no Python.
        whole = tree.text.isdigit()
        return (str(int(tree.text)) if whole else f'Fraction("{tree.text}")'), ATOM
    if tree.op == "name":
        return tree.text, ATOM
    first = _python(tree.args[0])
    if tree.op == "neg":
        return "-" + _wrapped(first, SIGN), SIGN
    if tree.op == "%":
        exact = first[0].startswith('Fraction("')
        return f"{first[0] if exact else f'Fraction({first[0]})'} / 100", PRODUCT
    if tree.op in FUNCTIONS:
        return f"math.{tree.op}({first[0]})", ATOM
    second = _python(tree.args[1])
    if tree.op == "^":
        return f"{_wrapped(first, ATOM)} ** {_wrapped(second, POWER)}", POWER
    level = LEVELS[tree.op]
    left, right = _wrapped(first, level), _wrapped(second, level + 1)
    if tree.op == "/" and not names(tree.args[0]) and not left.startswith("Fraction("):
        left = f"Fraction({first[0]})"  # 1 / 3 stays a third
    return f"{left} {'%' if tree.op == 'mod' else tree.op} {right}", level
