"""What a misspelled parameter may have been meant to be."""

from collections.abc import Collection

MOST_EDITS = 2  # at a distance of three, the service suggests nothing


def suggestions(name: str, known: Collection[str], given: Collection[str]) -> list[str]:
    """The known names that are like this one and not given already, nearest first."""
    near = [
        (edits, other)
        for other in known
        if other not in given
        and abs(len(other) - len(name))
        <= MOST_EDITS  # or no name of a megabyte is read
        and (edits := _distance(name, other)) <= MOST_EDITS
    ]
    return [other for _, other in sorted(near)]


def _distance(one: str, other: str) -> int:
    """How many letters are added, removed or replaced to make one of the other."""
    row = list(range(len(other) + 1))
    for done, letter in enumerate(one, start=1):
        diagonal, row[0] = row[0], done
        for place, wanted in enumerate(other, start=1):
            replaced = diagonal + (letter != wanted)
            diagonal = row[place]
            row[place] = min(row[place] + 1, row[place - 1] + 1, replaced)
    return row[-1]
