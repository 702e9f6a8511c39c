"""`make bounds`: a new bound in requirements.txt reaches the headers of all samples."""

from scripts.bounds import line, requirements, updated

REQUIRED = requirements(
    "# why\n-r others.txt\nazure-identity>=2,<3\nopenai[realtime]>=4,<5\nlark>=1,<2\n"
)


def sample(dependencies: str) -> str:
    return (
        '# /// script\n# requires-python = ">=3.11"\n'
        f'# dependencies = [{dependencies}]\n# ///\n"""Ask.\n\nEnv: openai>=3\n"""\n'
    )


def test_only_the_bounds_change() -> None:
    old = sample('"azure-identity>=1.27,<2", "openai>=3.54,<4"')

    new = sample('"azure-identity>=2,<3", "openai>=4,<5"')

    assert updated(old, REQUIRED) == new
    assert updated(new, REQUIRED) == new


def test_extras_stay_those_of_the_header() -> None:
    old = sample('"openai[realtime]>=3.54,<4"')

    assert updated(old, REQUIRED) == sample('"openai[realtime]>=4,<5"')


def test_what_gets_too_long_is_broken_and_read_again() -> None:
    items = [f"package-{letter}>=1.2,<2" for letter in "abcdefg"]
    required = {item.partition(">")[0]: item for item in items}

    text = line(items)
    again = updated(sample(", ".join(f'"{item}"' for item in items)), required)

    assert max(map(len, text.splitlines())) <= 88
    assert text.count("\n") > 1
    assert text in again
    assert updated(again, required) == again
