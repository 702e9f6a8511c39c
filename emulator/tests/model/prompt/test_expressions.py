"""Arithmetic in a text: what is one, what it comes to, and its program."""

import time

import pytest

from responses_emulator.model.prompt import expressions

FOUND = [
    ("What is 17 * 23 + 4?", "17 * 23 + 4", "395"),
    ("whats 5 * 4", "5 * 4", "20"),
    ("Evaluate 3^3", "3^3", "27"),
    ("2**10!", "2**10", "1024"),
    ("6 x 7 = ?", "6 * 7", "42"),
    ("6x7", "6*7", "42"),
    ("(1 + 2) \u00d7 3", "(1 + 2) * 3", "9"),
    ("10 / 4", "10 / 4", "2.5"),
    ("what is 10/4?", "10/4", "2.5"),
    ("what's 9-3", "9-3", "6"),
    ("-3 + 5", "-3 + 5", "2"),
    ("17 % 5", "17 % 5", "2"),
    ("1,000 * 3", "1,000 * 3", "3000"),
    ("7\u00b2 \u2212 1", "7^2 - 1", "48"),
    ("2 ^ (0 - 2)", "2 ^ (0 - 2)", "0.25"),
    ("3 * (+5)", "3 * (+5)", "15"),
    ("0.1 + 0.2", "0.1 + 0.2", "0.3"),
]


@pytest.mark.parametrize(("text", "written", "result"), FOUND)
def test_an_expression_is_found_and_worked_out(text: str, written: str, result: str):
    [one] = expressions.find(text)
    assert one.text.replace("x", "*") == written
    assert one.result == result


def test_a_root_has_twelve_figures():
    [one] = expressions.find("2 ^ 0.5")
    assert one.result == "1.41421356237"


def test_several_are_all_found_each_once():
    found = expressions.find("First 1 + 1, then 2 * 3, then 1 + 1.")
    assert [one.result for one in found] == ["2", "6"]
    assert [sorted(one.signs) for one in found] == [["+"], ["*"]]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-05-01", "24/7", "3-5 people", "555-1234", "pages 3-5, 8", "C++ or 3"),
        *(
            "8x + 7 = -23",
            "x^2 + 2x",
            "1/0 + 3",
            "9**9**9",
            "2 ** 5000",
            "version 1.2.3",
        ),
        *("7 // 2 + 1", "(1, 2) * 3", "2^999 * 2^999", "2 ^ (0 - 9000)"),
        *("", "(a) first (b) second", "ORD-12 + 3a", "((((", "5", "seven times three"),
    ],
)
def test_what_is_none_or_has_no_value_or_is_too_large_is_left(text: str):
    assert expressions.find(text) == []


@pytest.mark.parametrize(
    "unit", ["1+", "(", "1 ", "1 x ", "1+" * 59 + "= 5 word ", "9**9 ", "((1)+", "-"]
)
def test_a_huge_text_takes_no_long_time(unit: str):
    begun = time.process_time()
    expressions.find(unit * 50_000)
    assert time.process_time() - begun < 5
