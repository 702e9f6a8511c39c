"""Programs that read and write files: what they take over from prompt and file."""

import ast

import pytest

from responses_emulator.sandbox import run_with_files
from responses_emulator.tools import tables

PREFIX = "0" * 32 + "-"
SALES = {f"{PREFIX}sales.csv": b"month,region,sales\nJan,North,1\nFeb,South,2\n"}


def printed(prompt: str, files: dict[str, bytes]) -> list[str]:
    program = tables.write_program(
        prompt, files, tables.asked_for(prompt, list(files)), forced=False
    )
    assert program is not None
    return run_with_files(program, files).printed.splitlines()


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Save the totals as totals.csv", "totals.csv"),
        ("Write a CSV file of the first 10 primes", "result.csv"),
        ("Plot the sales.", "chart.png"),
        ("Create a bar chart", "chart.png"),
        ("Read sales.csv and write the result to a JSON file", "result.json"),
        ("Create a text file with 17 * 23", "result.txt"),
        ("What is in sales.csv?", None),
        ("Write a poem", None),
        ("Give me the sum of sales", None),
        ("Save it as ../../etc/cron.txt", "result.txt"),
        ("Save it as a'b.csv", "b.csv"),
    ],
)
def test_the_file_that_a_prompt_asks_for(prompt: str, name: str | None):
    report = tables.asked_for(prompt, list(SALES))
    assert (report and report.name) == name


def test_columns_statistics_and_groups_are_those_of_the_prompt():
    head = ["rows = 2", "columns = 3"]
    assert printed("average sales in the table", SALES) == [
        *head,
        "mean of sales = 1.5",
    ]
    assert printed("maximum and minimum of the column sales", SALES) == [
        *head,
        "minimum of sales = 1",
        "maximum of sales = 2",
    ]
    assert printed("sales per region", SALES) == [
        *head,
        "sum of sales for North = 1",
        "sum of sales for South = 2",
    ]


def test_a_prompt_about_something_else_gets_no_program():
    for prompt in ("Hello!", "Tell me a joke.", ""):
        assert tables.write_program(prompt, SALES, None, forced=False) is None


HOSTILE = "x'); import os; os.system('id'); print('"


@pytest.mark.parametrize(
    ("prompt", "content"),
    [
        (f"Sum of sales; save it as {HOSTILE}.csv in a file", b"sales\n1\n"),
        ("Analyze the data and write a JSON file", f"{HOSTILE},b\n1,2\n".encode()),
        ("Plot sales per region", f"region,sales\n{HOSTILE},2\n".encode()),
        ("Plot sales as a chart", f"sales\n1\n{HOSTILE}\n".encode()),
    ],
)
def test_neither_prompt_nor_file_becomes_code(prompt: str, content: bytes):
    files = {f"{PREFIX}sales.csv": content}
    report = tables.asked_for(prompt, list(files))
    assert report is not None
    program = tables.write_program(prompt, files, report, forced=False)
    assert program is not None
    tree = ast.parse(program)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names.isdisjoint({"os", "system", "exec", "eval", "__import__"})
    assert "system" not in program
    assert "Error" not in run_with_files(program, files).printed


@pytest.mark.parametrize(
    "content", [b"", b"\n", b",,\n", b'"', b"a\n" * 3, b"\xff\xfe", b"a,b\n1\n1,2,3\n"]
)
def test_an_odd_table_makes_no_program_fail(content: bytes):
    files = {f"{PREFIX}odd.csv": content}
    for prompt in ("Analyze the file.", "Plot the file as a chart", "sum per b in csv"):
        assert not [line for line in printed(prompt, files) if "Error" in line]
