"""Sums and equations of a prompt: which are found, what they come to, what is not."""

import time
from fractions import Fraction

import pytest

from responses_emulator.model.arithmetic import shown
from responses_emulator.model.sums import difference_puzzle, equation, find, results


def worked_out(prompt: str) -> list[str]:
    return [f"{text} = {shown(value)}" for text, value in results(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("2+2 is what?", "2 + 2 = 4"),
        ("Hi! 2+2?", "2 + 2 = 4"),
        ("Hello, can you do 3 x 4?", "3 * 4 = 12"),
        ("What is (1 + 2) * 3^2?", "(1 + 2) * 3^2 = 27"),
        ("What is 12 * (3 + 4)?", "12 * (3 + 4) = 84"),
        ("15% of 80", "15% of 80 = 12"),
        ("What is 12.5% of 480?", "12.5% of 480 = 60"),
        ("12 times 3", "12 * 3 = 36"),
        ("What is 3x4?", "3 * 4 = 12"),
        ("What is 1/3 + 1/3?", "1 / 3 + 1 / 3 = 0.6667"),
        ("what is 1/8?", "1 / 8 = 0.125"),
        ("square root of 2", "sqrt(2) = 1.4142"),
        ("square root of 2025", "sqrt(2025) = 45"),
        ("17 * 23 = ?", "17 * 23 = 391"),
    ],
)
def test_a_sum_is_found_and_worked_out(prompt: str, expected: str):
    assert worked_out(prompt) == [expected]


def test_several_sums_are_all_worked_out():
    assert worked_out("What is 2+2 and 3*3?") == ["2 + 2 = 4", "3 * 3 = 9"]


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "((((((((",
        "call 555-123-4567 on 2026-01-02",
        "Write 2-3 sentences about 24/7 support.",
        "Deadline: 5/6.",
        "What is 9**9**9?",
        "9^9^9^9",
        "What is 100000!?",
        "What is 1/0?",
        "What is sqrt(-1)?",
        "What is 10^400 + sqrt(2)?",
        "What is sqrt(2) * 10^290 * 10^290?",
        "What is (-8)^0.5?",
        "What is 0^-1?",
    ],
)
def test_what_is_no_sum_or_has_no_value_or_is_too_large_is_left(prompt: str):
    started = time.process_time()
    assert results(prompt) == []
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("prompt", "text", "solution"),
    [
        ("how can I solve 8x + 7 = -23", "8x + 7 = -23", "-15/4"),
        ("Solve 3x + 11 = 14", "3x + 11 = 14", "1"),
        ("2(x + 1) = 3(x - 2)", "2(x + 1) = 3(x - 2)", "8"),
        ("x/3 + 1/2 = 4", "x / 3 + 1 / 2 = 4", "21/2"),
    ],
)
def test_a_linear_equation_is_solved_exactly(prompt: str, text: str, solution: str):
    found = equation(prompt)
    assert found is not None
    assert (found.text, found.solution) == (text, Fraction(solution))


def test_an_equation_that_no_one_value_fits_has_no_solution():
    found = equation("3x = 3x + 1")
    assert found is not None
    assert found.solution is None


@pytest.mark.parametrize(
    "prompt", ["x^2 = 4", "y = 2x + 1", "x = 5", "x = -5", "x + 1/0 = 2", "2 + 2 = 5"]
)
def test_other_equations_are_left(prompt: str):
    assert equation(prompt) is None


def test_the_bat_and_the_ball_are_told_apart():
    told = "A bat and a ball cost $1.10 in all. The bat costs $1 more than the ball."
    assert difference_puzzle(told) == ("bat", "ball", Fraction("1.1"), Fraction(1))
    assert difference_puzzle(told.replace("$1 more", "$2 more")) is None


def test_the_cheaper_thing_may_be_named_by_the_question_only():
    told = "A bat and a ball cost $1.10. The bat costs $1 more. "
    same = ("bat", "ball", Fraction("1.1"), Fraction(1))
    assert difference_puzzle(told + "How much is the ball?") == same
    assert difference_puzzle(told + "How much is the bat?") is None
    assert difference_puzzle(told) is None


@pytest.mark.parametrize(
    "prompt",
    ["(" * 20_000, "1+" * 5_000, "9" * 9_999 + " = x", "x=" * 5_000, "- " * 5_000],
)
def test_a_huge_prompt_takes_no_long_time(prompt: str):
    started = time.process_time()
    find(prompt)
    assert time.process_time() - started < 1
