"""The table of samples in the README, made from their docstrings: `make readme`.

A row is a feature: the samples whose docstrings begin with the same line. Groups stand
in the order of `GROUPS`, rows in that of `PUBLISHED` (tests/collection.py).
"""

import re
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from tests.collection import (
    FOLDER,
    GROUPS,
    PUBLISHED,
    ROOT,
    docstring_fields,
    first_line,
)

README = ROOT / "README.md"
BEGIN, END = "<!-- samples -->\n", "<!-- /samples -->"
COLUMNS = ("v1", "Entra", "Legacy")


@dataclass
class Row:
    """One feature: its group, what it needs, and a sample's name by column."""

    what: str
    group: str
    needs: str
    samples: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def first(self) -> str:
        """The sample to read first: v1, where there is one with a key."""
        return next(self.samples[name] for name in COLUMNS if name in self.samples)


def column(name: str) -> str:
    """Where a sample stands; a legacy one stands there however it signs in."""
    if not name.endswith("-v1.py"):
        return "Legacy"
    return "Entra" if "-entra-" in name else "v1"


def rows(names: tuple[str, ...] = PUBLISHED, folder: Path = FOLDER) -> list[Row]:
    """The rows of the table in its order."""
    found: dict[str, Row] = {}
    for name in names:
        source = (folder / name).read_text("utf-8")
        fields = docstring_fields(source)
        what = first_line(source).removesuffix(".")
        row = found.setdefault(
            what, Row(what, fields["Group"], fields.get("Needs", ""))
        )
        assert column(name) not in row.samples, f"two samples in one cell: {name}"
        row.samples[column(name)] = name
    return sorted(found.values(), key=lambda row: GROUPS.index(row.group))


def short_name(name: str) -> str:
    """What a sample's name says of it alone."""
    return re.sub(r"^responses-|-aoai|-v1|\.py$", "", name)


def link(name: str) -> str:
    """A link to a sample, by its short name."""
    return f"[{short_name(name)}](python/{name})"


def table(rows: list[Row]) -> str:
    """What stands between the markers of the README."""
    groups = [(name, list(of)) for name, of in groupby(rows, lambda row: row.group)]
    firsts = ", ".join(link(of[0].first) for _, of in groups)
    lines = [
        f"Not sure where to begin? Read the first of each group: {firsts}.",
        "",
        f"| What you get | {' | '.join(COLUMNS)} | Needs |",
        "| --- | --- | --- | --- | --- |",
    ]
    for group, of in groups:
        lines.append(f"| **{group}** | | | | |")
        for row in of:
            cells = [row.samples.get(name, "") for name in COLUMNS]
            linked = " | ".join(link(name) if name else "" for name in cells)
            lines.append(f"| {row.what} | {linked} | {row.needs} |")
    return re.sub(r"\| +(?=\|)", "| ", "\n".join(lines))


def updated(readme: str) -> str:
    """The README with the table as it should be."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table(rows())}\n\n{END}{after}"


if __name__ == "__main__":
    new = updated(README.read_text("utf-8"))
    README.write_text(new, "utf-8", newline="\n")
