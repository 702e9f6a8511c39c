"""Writes small Python programs for arithmetic and equations, and words their results.

The solving happens in the program, which the sandbox runs. What is written here are its
lines, with numbers and formulas that were parsed from the prompt: no text of the prompt
is ever part of a program.
"""

import re
from fractions import Fraction

from responses_emulator.model import arithmetic, sums
from responses_emulator.model.arithmetic import Tree, as_python, as_text
from responses_emulator.model.lexicon import SMALL_NUMBERS

MAX_NUMBERS = 500  # of one list

WHOLE = r"\d{1,15}"
NUMBER = r"\d{1,15}(?:\.\d{1,15})?"


def write_program(prompt: str) -> str | None:
    """A program that answers the prompt's arithmetic; None where there is none.

    Its first line is a comment that names the task, and it prints its results by name,
    one a line.
    """
    text = _with_plain_numbers(prompt[: sums.MAX_PROMPT])
    for write in (_interest, _primes, _fibonacci, _range_sum, _statistics):
        program = write(text)
        if program:
            return program
    return _formulas(prompt)


def answer(prompt: str, program: str, output: str) -> str:  # noqa: ARG001
    """What the model says after the run, drawn from what the program printed."""
    task = program.partition("\n")[0].removeprefix("# ")
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    if not lines:
        return "I ran a Python program for this, but it printed nothing."
    last = lines[-1]
    if last.startswith("Timed out after "):
        seconds = last.removeprefix("Timed out after ")
        return f"I stopped the Python program after {seconds}: it had not finished."
    if re.match(r"\w*(?:Error|Exception)\b|The program (?:was|could)", last):
        return f"The Python program came to no result: {last}"
    if task.startswith("Solve "):
        equations = task.removeprefix("Solve ")
        if " = " not in last:
            return f"{equations}: {last}."
        one = len(lines) == 1 or ", " in equations  # x and y are one solution
        solution = "solution" if one else "solutions"
        verb = "is" if one else "are"
        return f"The {solution} of {equations} {verb} {' and '.join(lines)}."
    if len(lines) == 1:
        return f"{last}."
    return f"{task}:\n\n" + "\n".join(f"- {line}" for line in lines)


# --- formulas and equations ----------------------------------------------------------


def _formulas(prompt: str) -> str | None:
    found = sums.find(prompt)
    equations = found.equations
    if not equations:
        expressions = found.expressions[: sums.MAX_RESULTS]
        return _expressions(expressions) if expressions else None
    sides = [side for equation in equations for side in equation]
    unknowns = sorted(set[str]().union(*(arithmetic.names(side) for side in sides)))
    degrees = [arithmetic.degree(side) for side in sides]
    if None in degrees or len(unknowns) != len(equations):
        return None
    highest = max(degree or 0 for degree in degrees)
    if len(equations) == 2 and highest == 1:
        return _system(equations, unknowns)
    if len(equations) > 1 or highest > 2:
        return None
    left, right = equations[0]
    if highest == 2 and _is_quadratic(_minus(left, right), unknowns[0]):
        return _quadratic(left, right, unknowns[0])
    return _linear(left, right, unknowns[0])


def _minus(left: Tree, right: Tree) -> Tree:
    """The difference of the two sides."""
    if right.op == "number" and Fraction(right.text) == 0:
        return left
    return Tree("-", args=(left, right))


def _is_quadratic(difference: Tree, unknown: str) -> bool:
    """Whether a square is left over, as it isn't in `x^2 + 1 = x^2 + x`."""
    try:
        zero, one, minus_one = (
            arithmetic.evaluate(difference, {unknown: Fraction(at)})
            for at in (0, 1, -1)
        )
    except (ArithmeticError, ValueError):
        return True
    return one + minus_one != 2 * zero


SHOW = '''

def show(value):
    """A whole number without decimals, any other with at most ten digits."""
    return str(int(value)) if value == int(value) else f"{float(value):.10g}"
'''

SHOW_FRACTION = '''

def show(value):
    """A whole number as it is, a fraction with its decimals behind it."""
    if value == int(value):
        return str(int(value))
    decimals = f"{float(value):.10g}"
    return f"{value} ({decimals})" if isinstance(value, Fraction) else decimals
'''


def _program(title: str, functions: str, body: str) -> str:
    """A program: its title as a comment, the imports that it needs, and its text."""
    text = functions + body
    imports = [
        f"import {name}\n" for name in ("math", "statistics") if f"{name}." in text
    ]
    if "Fraction" in text:
        imports.append("from fractions import Fraction\n")
    head = f"# {title}\n" + "".join(imports)
    return f"{head}{functions}\n{body.strip()}\n"


def _expressions(trees: list[Tree]) -> str:
    whole = all(arithmetic.is_whole(tree) for tree in trees)
    lines = [
        f'print("{as_text(tree)} =", {code})'
        if whole
        else f'print("{as_text(tree)} =", show({code}))'
        for tree, code in ((tree, as_python(tree)) for tree in trees)
    ]
    title = "Calculate " + ", ".join(as_text(tree) for tree in trees)
    return _program(title, "" if whole else SHOW + "\n", "\n".join(lines))


def _title(*equations: tuple[Tree, Tree]) -> str:
    written = [f"{as_text(left)} = {as_text(right)}" for left, right in equations]
    return "Solve " + ", ".join(written)


def _linear(left: Tree, right: Tree, x: str) -> str:
    functions = f"""

def left({x}):
    return {as_python(left)}


def right({x}):
    return {as_python(right)}
{SHOW_FRACTION}
"""
    body = f"""
# left - right is slope * {x} + constant: two of its values tell both.
constant = left(Fraction(0)) - right(Fraction(0))
slope = left(Fraction(1)) - right(Fraction(1)) - constant

if slope:
    print("{x} =", show(-constant / slope))
elif constant:
    print("there is no solution, the two sides always differ")
else:
    print("every {x} is a solution")
"""
    return _program(_title((left, right)), functions, body)


def _quadratic(left: Tree, right: Tree, x: str) -> str:
    functions = f'''

def difference({x}):
    return {as_python(_minus(left, right))}


def square_root(value):
    """Exact where the value is the square of a fraction."""
    value = Fraction(value)
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    return root if root * root == value else math.sqrt(value)
{SHOW_FRACTION}
'''
    body = f"""
# The difference of the sides is a * {x}^2 + b * {x} + c: three values tell a, b and c.
c = difference(Fraction(0))
a = (difference(Fraction(1)) + difference(Fraction(-1))) / 2 - c
b = (difference(Fraction(1)) - difference(Fraction(-1))) / 2

discriminant = b * b - 4 * a * c
middle = -b / (2 * a)
distance = square_root(abs(discriminant)) / abs(2 * a)

if discriminant > 0:
    print("{x} =", show(middle - distance))
    print("{x} =", show(middle + distance))
elif discriminant == 0:
    print("{x} =", show(middle))
else:
    print(f"{x} = {{float(middle):.10g}} + {{float(distance):.10g}}i")
    print(f"{x} = {{float(middle):.10g}} - {{float(distance):.10g}}i")
"""
    return _program(_title((left, right)), functions, body)


def _system(equations: list[tuple[Tree, Tree]], unknowns: list[str]) -> str:
    x, y = unknowns
    first, second = (as_python(_minus(*equation)) for equation in equations)
    functions = f'''

def first({x}, {y}):
    return {first}


def second({x}, {y}):
    return {second}


def coefficients(difference):
    """The a, b and c of a * {x} + b * {y} = c."""
    zero, one = Fraction(0), Fraction(1)
    c = -difference(zero, zero)
    return difference(one, zero) + c, difference(zero, one) + c, c
{SHOW_FRACTION}
'''
    body = f"""
# Cramer's rule
a1, b1, c1 = coefficients(first)
a2, b2, c2 = coefficients(second)
determinant = a1 * b2 - a2 * b1

if determinant:
    print("{x} =", show((c1 * b2 - c2 * b1) / determinant))
    print("{y} =", show((a1 * c2 - a2 * c1) / determinant))
else:
    print("there is no single solution")
"""
    return _program(_title(*equations), functions, body)


# --- lists, series and interest ------------------------------------------------------


def _with_plain_numbers(text: str) -> str:
    """The text with 1,234 as 1234, and count words as digits."""
    # In "3,5,8" the commas separate; thousands have exactly three digits behind each.
    text = re.sub(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?!,?\d)", _without_commas, text)
    words = "|".join(SMALL_NUMBERS)
    return re.sub(
        rf"(?<=\bfirst )(?:a |one )?({words})\b",
        lambda match: str(SMALL_NUMBERS[match[1].lower()]),
        text,
        flags=re.IGNORECASE,
    )


def _without_commas(match: re.Match[str]) -> str:
    return match.group().replace(",", "")


def _searched(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)


IS_PRIME = '''

def is_prime(number):
    """Whether no smaller number but 1 divides it."""
    divisors = range(2, math.isqrt(number) + 1)
    return number > 1 and all(number % divisor for divisor in divisors)

'''

LIST_PRIMES = """
print("{title}:", ", ".join(str(prime) for prime in primes))
"""

FIRST_PRIMES = """
primes = []
number = 2
while len(primes) < {count}:
    if is_prime(number):
        primes.append(number)
    number += 1
"""


def _primes(text: str) -> str | None:
    if not _searched(r"\bprimes?\b", text):
        return None
    prime = r"primes?(?: numbers?)?"
    if match := _searched(rf"\bis ({WHOLE}) (?:a )?prime", text):
        number = int(match[1])
        body = f'print("{number} is prime:", "yes" if is_prime({number}) else "no")'
        return _program(f"Is {number} a prime?", IS_PRIME, body)
    if match := _searched(rf"\bfirst ({WHOLE}) {prime}", text):
        count = int(match[1])
        title, find = f"The first {count} primes", FIRST_PRIMES.format(count=count)
    elif match := _searched(rf"\b({WHOLE})(?:st|nd|rd|th) prime", text):
        body = FIRST_PRIMES.format(count=int(match[1]))
        body += f'\nprint("Prime number {int(match[1])} =", primes[-1])'
        return _program(f"Prime number {int(match[1])}", IS_PRIME, body)
    elif match := _searched(
        rf"{prime} (?:between|from) ({WHOLE}) (?:and|to) ({WHOLE})", text
    ):
        low, high = sorted((int(match[1]), int(match[2])))
        title, find = f"The primes from {low} to {high}", _primes_from(low, high)
    elif match := _searched(
        rf"{prime} (below|under|less than|smaller than|up to) ({WHOLE})", text
    ):
        high = int(match[2]) - (match[1].lower() != "up to")
        title, find = f"The primes up to {high}", _primes_from(2, high)
    else:
        return None
    if _searched(r"\b(?:sum|total|add up)\b", text):
        show = f'\nprint("{title}, added up =", sum(primes))'
    else:
        show = LIST_PRIMES.format(title=title)
    return _program(title, IS_PRIME, find + show)


def _primes_from(low: int, high: int) -> str:
    return f"primes = [n for n in range({low}, {high + 1}) if is_prime(n)]\n"


FIBONACCI = """
numbers = [0, 1]
while len(numbers) < {count}:
    numbers.append(numbers[-2] + numbers[-1])
"""


def _fibonacci(text: str) -> str | None:
    if not _searched(r"\bfibonacci\b", text):
        return None
    if match := _searched(r"\bfirst (\d{1,6})\b", text):
        count = int(match[1])
        title = f"The first {count} Fibonacci numbers"
        show = f'print("{title}:", ", ".join(str(n) for n in numbers[:{count}]))'
    elif match := _searched(r"\b(\d{1,6})(?:st|nd|rd|th)\b", text):
        count = int(match[1]) + 1  # number 0 is 0, number 1 is 1
        title = f"Fibonacci number {count - 1}"
        show = f'print("{title} =", numbers[{count - 1}])'
    else:
        return None
    return _program(title, "", FIBONACCI.format(count=count) + "\n" + show)


def _range_sum(text: str) -> str | None:
    things = r"(?:natural |positive |whole |counting )?(?:numbers|integers)"
    if match := _searched(
        rf"\bsum of (?:all )?(?:the )?(?:{things} )?(?:from|between) ({WHOLE}) "
        rf"(?:to|through|and) ({WHOLE})\b",
        text,
    ):
        low, high = int(match[1]), int(match[2])
    elif match := _searched(rf"\bsum of the first ({WHOLE}) {things}\b", text):
        low, high = 1, int(match[1])
    else:
        return None
    title = f"The sum of the whole numbers from {low} to {high}"
    body = f'print("{title} =", sum(range({low}, {high + 1})))'
    return _program(title, "", body)


# What is asked for, its name in the output, and the code for it.
STATISTICS = (
    (r"\bsum\b|\btotal\b|\badd up\b", "sum", "sum(numbers)"),
    (r"\bproduct\b", "product", "math.prod(numbers)"),
    (
        r"\b(?:the|arithmetic) mean\b|\bmean(?= of\b|,| and\b)|\baverage\b",
        "mean",
        "Fraction(sum(numbers)) / len(numbers)",
    ),
    (r"\bmedian\b", "median", "statistics.median(numbers)"),
    (
        r"\bstandard deviation\b|\bstd ?dev\b|\bstdev\b",
        "standard deviation of a sample",
        "statistics.stdev(numbers)",
    ),
    (
        r"\bstandard deviation\b|\bstd ?dev\b|\bstdev\b",
        "standard deviation of a whole population",
        "statistics.pstdev(numbers)",
    ),
    (r"\bvariance\b", "variance of a sample", "statistics.variance(numbers)"),
    (
        r"\bvariance\b",
        "variance of a whole population",
        "statistics.pvariance(numbers)",
    ),
    (r"\bminimum\b|\bsmallest\b|\blowest\b", "minimum", "min(numbers)"),
    (r"\bmaximum\b|\blargest\b|\bhighest\b", "maximum", "max(numbers)"),
    (
        r"\bgcd\b|\bgreatest common (?:divisor|factor)\b",
        "greatest common divisor",
        "math.gcd(*numbers)",
    ),
    (
        r"\blcm\b|\bleast common multiple\b",
        "least common multiple",
        "math.lcm(*numbers)",
    ),
)
SIGNED = rf"(?<![\d.])-?{NUMBER}(?![\d.]*\d)"
LIST = rf"{SIGNED}(?:(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+|\s+){SIGNED})+(?!\s*[-+*/^=\d])"


def _statistics(text: str) -> str | None:
    wanted = [
        (name, code) for words, name, code in STATISTICS if _searched(words, text)
    ]
    match = _searched(LIST, text) if wanted else None
    if not match:
        return None
    numbers = re.findall(SIGNED, match.group())[:MAX_NUMBERS]
    written = [
        f'Fraction("{number}")' if "." in number else str(int(number))
        for number in numbers
    ]
    if len(wanted) == 1 and len(numbers) <= 10:
        name, code = wanted[0]
        wanted = [(f"The {name} of {', '.join(numbers)}", code)]
    lines = [f'print("{name} =", show({code}))' for name, code in wanted]
    title = f"Calculations with {', '.join(numbers)}"
    body = f"numbers = [{', '.join(written)}]\n\n" + "\n".join(lines)
    return _program(title, SHOW + "\n", body)


PERIODS = (
    (r"\bdaily\b", 365, "daily"),
    (r"\bweekly\b", 52, "weekly"),
    (r"\bmonthly\b|\bevery month\b", 12, "monthly"),
    (r"\bquarterly\b|\bevery quarter\b", 4, "quarterly"),
    (r"\bsemi-?annually\b|\bhalf-?yearly\b|\btwice a year\b", 2, "twice a year"),
)


def _interest(text: str) -> str | None:
    if not _searched(r"\binterest\b|\bcompound|\binvest", text):
        return None
    rate = _searched(rf"({NUMBER})\s*(?:%|per ?cent)", text)
    years = _searched(rf"({NUMBER})[\s-]*years?\b", text)
    if not rate or not years:
        return None
    taken = {rate.start(1), years.start(1)}
    amounts = [m for m in re.finditer(NUMBER, text) if m.start() not in taken]
    if not amounts:
        return None
    principal, percent, time = amounts[0].group(), rate[1], years[1]
    values = f"principal = {_literal(principal)}\nrate = {_literal(percent)} / 100\n"
    values += f"years = {_literal(time)}\n"
    if _searched(r"\bsimple interest\b", text):
        title = f"Simple interest on {principal} at {percent}% for {time} years"
        work = "\namount = principal * (1 + rate * years)\n"
    else:
        periods, often = next(
            ((count, name) for words, count, name in PERIODS if _searched(words, text)),
            (1, "yearly"),
        )
        title = f"Interest on {principal} at {percent}% for {time} years, "
        title += f"compounded {often}"
        values += f"periods = {periods}  # a year\n"
        work = "\namount = principal * (1 + rate / periods) ** (periods * years)\n"
    show = 'print(f"final amount = {amount:,.2f}")\n'
    show += 'print(f"interest = {amount - principal:,.2f}")'
    return _program(title, "", values + work + show)


def _literal(number: str) -> str:
    """A number as Python has it: 007 is not."""
    return number.lstrip("0") or "0" if number.isdigit() else str(float(number))
