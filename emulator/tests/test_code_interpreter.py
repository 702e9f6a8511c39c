"""Programs for arithmetic: what they solve and refuse, and what is said of it."""

import ast
import contextlib
import io
import time

import pytest

from responses_emulator.sandbox import run
from responses_emulator.tools.programs import answer, write_program


def ran(prompt: str) -> str:
    """What the prompt's program prints, run in this process: quicker than a sandbox."""
    program = write_program(prompt)
    assert program is not None
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(program, {"__name__": "__main__"})
    return printed.getvalue().rstrip("\n")


def said(prompt: str) -> str:
    program = write_program(prompt)
    assert program is not None
    return answer(prompt, program, ran(prompt))


PRINTED = [
    ("I need to solve the equation 3x + 11 = 14. Can you help me?", "x = 1"),
    ("2(x + 1) = 3(x - 2)", "x = 8"),
    ("3a + 1 = a", "a = -1/2 (-0.5)"),
    ("Solve for y: 0.5y - 1.25 = 2", "y = 13/2 (6.5)"),
    ("x/3 + 1/2 = 4", "x = 21/2 (10.5)"),
    ("x \u2212 3 = 4 \u00d7 2", "x = 11"),
    ("3x = 3x", "every x is a solution"),
    ("3x = 3x + 1", "there is no solution, the two sides always differ"),
    ("Solve x^2 - 5x + 6 = 0", "x = 2\nx = 3"),
    ("x(x + 1) = 6", "x = -3\nx = 2"),
    ("-x**2 + 4 = 0", "x = -2\nx = 2"),
    ("(x - 1)^2 = 0", "x = 1"),
    ("x\u00b2 + 2x + 5 = 0", "x = -1 + 2i\nx = -1 - 2i"),
    ("x^2 = 2", "x = -1.414213562\nx = 1.414213562"),
    ("x**2 + 1 = x**2 + x", "x = 1"),
    ("solve x + y = 10 and x - y = 2", "x = 6\ny = 4"),
    ("x + y = 1, 2x + 2y = 5", "there is no single solution"),
    ("What is 12.5% of 480?", "12.5% of 480 = 60"),
    ("what is 17 * 23 + 4?", "17 * 23 + 4 = 395"),
    ("2 + 2 =", "2 + 2 = 4"),
    ("What is 2 + 2!", "2 + 2 = 4"),
    ("What is 5!", "5! = 120"),
    ("What is 007 + 1,000?", "007 + 1000 = 1007"),
    ("what is 0.1 + 0.2", "0.1 + 0.2 = 0.3"),
    ("What is -2^2?", "-2^2 = -4"),
    ("What is 2^3^2?", "2^3^2 = 512"),
    ("What is 7 - (3 - 1)?", "7 - (3 - 1) = 5"),
    ("What is 5 plus 3 times 2?", "5 + 3 * 2 = 11"),
    ("What is 17 mod 5?", "17 mod 5 = 2"),
    ("square root of 2025", "sqrt(2025) = 45"),
    ("What is the cube root of 27?", "cbrt(27) = 3"),
    ("factorial of 20", "20! = 2432902008176640000"),
    ("What is 15% of 80 and 20% of 50?", "15% of 80 = 12\n20% of 50 = 10"),
    ("mean of 3, 5, 8", "The mean of 3, 5, 8 = 5.333333333"),
    ("average of 3,5,8", "The mean of 3, 5, 8 = 5.333333333"),
    ("sum of 1,200, 3,400 and 5", "The sum of 1200, 3400, 5 = 4605"),
    ("the median of -4, 1.5 and 9", "The median of -4, 1.5, 9 = 1.5"),
    ("gcd of 12 and 18", "The greatest common divisor of 12, 18 = 6"),
    ("first ten primes", "The first 10 primes: 2, 3, 5, 7, 11, 13, 17, 19, 23, 29"),
    ("sum of the first dozen primes", "The first 12 primes, added up = 197"),
    (
        "sum of the first one hundred integers",
        "The sum of the whole numbers from 1 to 100 = 5050",
    ),
    ("primes between 10 and 30", "The primes from 10 to 30: 11, 13, 17, 19, 23, 29"),
    ("all primes below 7", "The primes up to 6: 2, 3, 5"),
    ("sum of the first 5 primes", "The first 5 primes, added up = 28"),
    ("Is 91 prime?", "91 is prime: no"),
    (
        "the first 8 Fibonacci numbers",
        "The first 8 Fibonacci numbers: 0, 1, 1, 2, 3, 5, 8, 13",
    ),
    ("the 10th Fibonacci number", "Fibonacci number 10 = 55"),
    (
        "sum of the first 100 integers",
        "The sum of the whole numbers from 1 to 100 = 5050",
    ),
    (
        "If I invest $1,000 at 5% for 10 years compounded monthly, what do I get?",
        "final amount = 1,647.01\ninterest = 647.01",
    ),
    (
        "simple interest on 200 at 3 percent for 2 years",
        "final amount = 212.00\ninterest = 12.00",
    ),
]


@pytest.mark.parametrize(("prompt", "printed"), PRINTED)
def test_the_program_prints_the_result(prompt: str, printed: str):
    assert ran(prompt) == printed


def test_the_standard_deviation_is_given_for_a_sample_and_for_a_population():
    lines = ran("standard deviation of 2, 4, 4, 4, 5, 5, 7, 9").splitlines()
    assert lines == [
        "standard deviation of a sample = 2.138089935",
        "standard deviation of a whole population = 2",
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "Tell me a joke.",
        "Write 2-3 sentences about 24/7 support.",
        "What is 2024-01-15?",
        "In 2024-2025 we grew. What is next?",
        "summarize this in 3, 5 sentences",
        "y = 2x + 1",
        "E = mc^2",
        "x = 5",
        "Use python: x = 5; y == 3",
        "x^3 = 27",
        "What is " + "(" * 200 + "1 + 1" + ")" * 200 + "?",
        "How old is a 3 year old dog?",
        "Call +1 555 123-4567",
    ],
)
def test_a_prompt_without_arithmetic_gets_no_program(prompt: str):
    assert write_program(prompt) is None


@pytest.mark.parametrize(
    "prompt",
    [
        '3x + 11 = 14"); import os; os.system("id"); print("',
        "__import__('os').system('id') + 3x = 4",
        "solve 3x + 1 = 4 # \nimport os",
        'solve 3x + 1 = 4\n"""\nimport os\n"""',
        "mean of 1, 2, __import__('os'), 3, 4",
        "sum of 1, 2]; import os; x = [3, 4",
        "first 10 primes'); import os; print('",
        "What is 2 + 2}{open('/etc/passwd')}?",
        "what is 1 + 1\\n + import os",
    ],
)
def test_the_prompt_never_becomes_code(prompt: str):
    program = write_program(prompt)
    assert program is not None
    tree = ast.parse(program)
    modules = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert modules <= {"math", "statistics"}
    assert names.isdisjoint({"__import__", "open", "os", "exec", "eval", "system"})
    assert "os" not in program.replace("cos", "").split()


def test_the_solving_happens_in_the_program():
    program = write_program("3x + 11 = 14")
    assert program is not None
    assert program.startswith("# Solve 3x + 11 = 14\n")
    assert "return 3 * x + 11" in program
    assert "x = 1" not in program


def test_the_same_prompt_gets_the_same_program():
    prompt = "Solve x^2 - 5x + 6 = 0"
    assert write_program(prompt) == write_program(prompt)


@pytest.mark.parametrize(
    ("prompt", "sentence"),
    [
        ("Solve 3x + 11 = 14", "The solution of 3x + 11 = 14 is x = 1."),
        ("x^2 = 4", "The solutions of x^2 = 4 are x = -2 and x = 2."),
        (
            "x + y = 10, x - y = 2",
            "The solution of x + y = 10, x - y = 2 is x = 6 and y = 4.",
        ),
        (
            "3x = 3x + 1",
            "3x = 3x + 1: there is no solution, the two sides always differ.",
        ),
        ("what is 17 * 23 + 4?", "17 * 23 + 4 = 395."),
    ],
)
def test_the_answer_is_drawn_from_the_output(prompt: str, sentence: str):
    assert said(prompt) == sentence


def test_several_results_are_listed():
    text = said("sum and average of 1, 2 and 3")
    assert text == "Calculations with 1, 2, 3:\n\n- sum = 6\n- mean = 2"


def test_the_answer_tells_a_program_that_failed_from_one_that_took_too_long():
    prompt = "What is 1/0?"
    program = write_program(prompt)
    assert program is not None
    text = answer(prompt, program, run(program))
    assert text.startswith("The Python program came to no result: ZeroDivisionError")
    late = answer(prompt, program, "Timed out after 5 s")
    assert late == "I stopped the Python program after 5 s: it had not finished."
    assert "printed nothing" in answer(prompt, program, "")


@pytest.mark.parametrize(
    "prompt",
    ["(" * 20_000, "1+" * 5_000, "9" * 9_999 + " = x", "x=" * 5_000, "- " * 5_000,
     "sum of " + "1 " * 5_000, "what is " * 1_200, "$1 interest " * 800],
)  # fmt: skip
def test_a_huge_prompt_takes_no_long_time(prompt: str):
    started = time.process_time()
    write_program(prompt)
    assert time.process_time() - started < 1
