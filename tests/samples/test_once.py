"""What the emulator takes long for is done once for all runs of a sample."""

from uuid import uuid4

from tests.samples.conftest import once


def test_a_program_runs_once_whatever_ids_its_files_have():
    ran = []

    def run(program, files, *, seconds):
        ran.append(seconds)
        return {name: program.encode() + content for name, content in files.items()}

    run_once = once(run)
    for seconds in (5, 4):
        name = f"{uuid4().hex}-sales.csv"
        assert run_once(f"open({name!r})", {name: b"1"}, seconds=seconds) == {
            name: f"open({name!r})1".encode()
        }
    assert ran == [5]

    assert run_once("other()", {}, seconds=5) == {}
    assert ran == [5, 5]


def test_two_files_are_not_mistaken_for_one():
    same = once(lambda one, other: one == other)
    one, other = uuid4().hex, uuid4().hex

    assert same(one, one) is True
    assert same(one, other) is False
