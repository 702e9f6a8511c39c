"""What `mutants.py` changes, and that its rooms are those of the package."""

from pathlib import Path

import pytest

from emulator.tests import mutants

# What generates the contract's data, and a sentence.
OF_NO_ROOM = {"__init__.py", "contract/bounds.py", "contract/generate.py"}
MODULE = '''
"""A sentence."""
def held(sizes, most: int = 2):
    """Another."""
    total = 0
    for size in sizes:
        total += size["bytes"]
    if total > most and sizes:
        raise ValueError(f"no {most}")
    return total
'''


def test_each_module_has_a_room() -> None:
    package = mutants.ROOT / mutants.PACKAGE
    found = {
        path.relative_to(package).as_posix()
        for room in mutants.ROOMS
        for path in mutants.modules(mutants.ROOT, room, "")
    }
    every = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
    assert every - found == OF_NO_ROOM


@pytest.mark.parametrize("room", mutants.ROOMS)
def test_the_tests_of_a_room_are_there(room: str) -> None:
    tests = mutants.ROOT / "emulator" / "tests"
    for name in mutants.ROOMS[room][1].split():
        assert len(list(tests.rglob(f"test_{name}.py"))) == 1, name


def test_one_thing_is_changed_at_a_time(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(MODULE, "utf-8")
    changes = [place.told for place in mutants.places(module)]
    assert changes == [
        "2  ->  3",
        "0  ->  1",
        "total += size['bytes']  ->  pass",
        "'bytes'  ->  'bytes_'",
        "if total > most and sizes:  ->  if not (total > most and sizes):",
        "total > most and sizes  ->  total > most or sizes",
        "total > most  ->  total >= most",
        "raise ValueError(f'no {most}')  ->  pass",
        "return total  ->  return None",
    ]
    before = mutants.ast.unparse(mutants.ast.parse(MODULE)).splitlines()
    for place in mutants.places(module):
        after = mutants.mutant(place).splitlines()
        assert len(after) == len(before)
        [changed] = [
            one for one, other in zip(before, after, strict=True) if one != other
        ]
        assert changed
