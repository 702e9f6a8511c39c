"""What the C library is told about memory."""

import ctypes

import pytest

from responses_emulator.adapters import heap


class Library:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def mallopt(self, *arguments: int) -> None:
        self.asked.append(arguments)

    def malloc_trim(self, *arguments: int) -> None:
        self.asked.append(arguments)


def test_large_blocks_are_taken_one_by_one_and_little_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    heap.keep_large_blocks_apart.__wrapped__()
    # Numbers of <malloc.h>: M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    assert library.asked == [(-3, 1_048_576), (-1, 8_388_608)]


def test_all_that_is_free_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    heap.give_back()
    assert library.asked == [(0,)]


@pytest.mark.parametrize("error", [AttributeError, OSError, TypeError])
def test_other_c_libraries_are_left_as_they_are(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(_: object) -> None:
        raise error

    monkeypatch.setattr(ctypes, "CDLL", load)
    heap.keep_large_blocks_apart.__wrapped__()
    heap.give_back()
