"""Writes small Python programs that read a file, and programs that write one.

The stand-in looks at the file to choose columns; the program gets their positions, and
reads and calculates itself. What a program takes over from a prompt or a file is a
plain file name, quoted, and numbers: nothing else becomes part of it.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import PurePath

import orjson

from responses_emulator.model.words import lazy_pattern
from responses_emulator.tools import programs

MAX_READ = 20 * 2**20  # bytes of a file; a larger one is measured, not read
MAX_LOOKED_AT = 20  # files, the newest
SAMPLE = 200  # rows that tell which columns hold numbers
MAX_COLUMNS = 20
MOST_SQUARES = 1_000

PREFIX = re.compile(r"^[0-9a-f]{32}-")  # of a caller's file in a container
ABOUT_A_FILE = (
    r"\b(?:files?|csv|json|data|table|spreadsheet|rows?|columns?|lines?|words?|"
    r"analy[sz]e|analysis|summari[sz]e|summary|statistics|totals?|sums?|average|mean|"
    r"median|minimum|maximum|lowest|highest|chart|plot|graph|histogram)\b"
)
STATISTICS = (
    (r"\bsums?\b|\btotals?\b|\badd(?:ed)? up\b", "sum", "math.fsum(numbers)"),
    (r"\bmeans?\b|\baverages?\b", "mean", "statistics.fmean(numbers)"),
    (r"\bmedians?\b", "median", "statistics.median(numbers)"),
    (r"\bminimum\b|\blowest\b|\bsmallest\b|\bleast\b", "minimum", "min(numbers)"),
    (r"\bmaximum\b|\bhighest\b|\blargest\b|\bmost\b", "maximum", "max(numbers)"),
)
MAKE = (
    r"\b(?:create|write|make|generate|save|export|produce|draw|plot|give|store|put)\b"
)
PICTURE = r"\b(?:chart|plot|graph|histogram|diagram|png)\b"
KINDS = (
    ("png", PICTURE),
    ("csv", r"\bcsv\b|\bspreadsheet\b"),
    ("json", r"\bjson\b"),
    ("md", r"\bmarkdown\b"),
    ("txt", r"\b(?:text|txt)\b|\bfiles?\b"),
)
FILE_NAME = lazy_pattern(
    r"(?<![\w./\\-])([A-Za-z0-9_-]{1,40}\.(?:csv|json|md|png|txt))\b"
)


@dataclass(frozen=True)
class Report:
    """The file that a prompt asks for."""

    name: str  # letters, digits, - and _ with one of five endings

    @property
    def kind(self) -> str:
        """The ending, without the dot."""
        return self.name.rpartition(".")[2]


def asked_for(prompt: str, there: list[str]) -> Report | None:
    """The file that the prompt wants written; `there` are the names that exist."""
    text = prompt[:2_000]
    verb = re.search(MAKE, text, re.IGNORECASE)
    if not verb:
        return None
    shown = {PREFIX.sub("", name) for name in there}
    rest = text[verb.start() :]
    for name in FILE_NAME().findall(rest):
        if name not in shown:
            return Report(name)
    for name in shown:
        rest = rest.replace(name, "")
    for kind, words in KINDS:
        if re.search(rf"{MAKE}.{{0,120}}?(?:{words})", rest, re.IGNORECASE | re.DOTALL):
            return Report("chart.png" if kind == "png" else f"result.{kind}")
    if re.match(r"plot\b", rest, re.IGNORECASE):
        return Report("chart.png")
    return None


def write_program(
    prompt: str, files: dict[str, bytes], report: Report | None, *, forced: bool
) -> str | None:
    """A program for the file that a prompt is about, or that writes one it asks for.

    None where the prompt is about no file. `forced` takes the newest in any case.
    """
    chosen = _chosen(prompt, files, forced=forced)
    if chosen is not None:
        return _about(prompt, chosen, files[chosen], report)
    return None if report is None else _without_file(prompt, report)


def _chosen(prompt: str, files: dict[str, bytes], *, forced: bool) -> str | None:
    """The name of the file that a prompt is about: one that it names, or the newest."""
    text = prompt.casefold()
    newest_first = list(reversed(files))[:MAX_LOOKED_AT]
    for name in newest_first:
        shown = PREFIX.sub("", name).casefold()
        if shown in text:
            return name
    for name in newest_first:
        header = _table(name, files[name]).header
        if (
            forced
            or re.search(ABOUT_A_FILE, text)
            or any(_named(h, text) for h in header)
        ):
            return name
    return None


# What the stand-in sees of a file


@dataclass(frozen=True)
class _Table:
    header: list[str]
    numeric: list[int]  # positions of columns that hold numbers
    delimiter: str = ","


def _table(name: str, content: bytes) -> _Table:
    """The columns of a CSV file or of a JSON array of objects; none of another file."""
    suffix = PurePath(name).suffix.lower()
    rows: list[list[str]] = []
    delimiter = ","
    if len(content) <= MAX_READ and suffix in (".csv", ".tsv"):
        text = content.decode("utf-8-sig", "replace")
        first = text.partition("\n")[0]
        delimiter = max(",;\t|", key=first.count)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        try:
            rows = [row for row, _ in zip(reader, range(SAMPLE + 1), strict=False)]
        except csv.Error:
            return _Table([], [])
    elif len(content) <= MAX_READ and suffix == ".json":
        try:
            entries = orjson.loads(content)
        except orjson.JSONDecodeError:
            return _Table([], [])
        if isinstance(entries, list) and all(isinstance(e, dict) for e in entries):  # pyright: ignore[reportUnknownVariableType]
            header = list(dict.fromkeys(str(key) for e in entries for key in e))  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType]
            rows = [header] if header else []
            rows += [[str(e.get(k, "")) for k in header] for e in entries[:SAMPLE]]  # pyright: ignore[reportUnknownVariableType,reportUnknownArgumentType,reportUnknownMemberType]
    if not rows:
        return _Table([], [])
    header, *body = rows
    numeric = [
        index
        for index in range(len(header))
        if any(
            values := [row[index] for row in body if index < len(row) and row[index]]
        )
        and all(_is_number(value) for value in values)
    ]
    return _Table(header, numeric, delimiter)


def _is_number(value: str) -> bool:
    return bool(re.fullmatch(r"\s*-?[\d,]*\.?\d+(?:[eE][-+]?\d+)?\s*", value))


def _named(column: str, text: str) -> bool:
    """Whether the text, in lower case, names a column, in the singular or plural."""
    word = re.escape(column.strip().casefold().replace("_", " ")).removesuffix("s")
    return len(word) > 1 and bool(re.search(rf"(?<!\w){word}s?(?!\w)", text))


# Programs about a file

NUMBER = '''

def number(value):
    """The value as a number; None where it is none."""
    try:
        found = float(str(value).replace(",", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None

'''

SHOW = '''

def show(value):
    """A whole number without decimals, any other with at most ten digits."""
    return str(int(value)) if value == int(value) else f"{value:.10g}"

'''

READ_CSV = """
with open({name}, encoding="utf-8-sig", errors="replace", newline="") as file:
    header, *table = [row for row in csv.reader(file, delimiter={delimiter}) if row]
"""

READ_JSON = """
with open({name}, encoding="utf-8-sig") as file:
    entries = json.load(file)
header = list(dict.fromkeys(key for entry in entries for key in entry))
table = [[entry.get(key, "") for key in header] for entry in entries]
"""

OVERVIEW = """
results = [("rows", len(table)), ("columns", len(header))]
"""

COLUMNS = """
for column in {columns}:
    values = [number(row[column]) for row in table if column < len(row)]
    numbers = [value for value in values if value is not None]
    if numbers:
"""

GROUPS = """
groups = {{}}
for row in table:
    if len(row) > max({group}, *{columns}):
        groups.setdefault(row[{group}], []).append(row)
for key, rows in list(groups.items())[:50]:
    for column in {columns}:
        values = [number(row[column]) for row in rows]
        numbers = [value for value in values if value is not None]
        if numbers:
"""

BARS = """
values = [number(row[{column}]) for row in table if {column} < len(row)]
bars = [value for value in values if value is not None][:100]
"""

TEXT = """
with open({name}, encoding="utf-8-sig", errors="replace") as file:
    text = file.read()
results = [
    ("lines", len(text.splitlines())),
    ("words", len(text.split())),
    ("characters", len(text)),
]
"""

BINARY = """
with open({name}, "rb") as file:
    results = [("bytes", len(file.read()))]
"""

PRINT = """
for name, value in results:
    print(name, "=", show(value))
"""


def _about(prompt: str, name: str, content: bytes, report: Report | None) -> str:
    table = _table(name, content)
    title = f"Calculations with {PREFIX.sub('', name)}"
    if not table.header:
        is_text = b"\0" not in content[:4_096]
        body = (TEXT if is_text else BINARY).format(name=repr(name))
        return _program(title, body, report, "[value for _, value in results]")
    text = prompt.casefold()
    read = READ_JSON if name.lower().endswith(".json") else READ_CSV
    body = read.format(name=repr(name), delimiter=repr(table.delimiter)) + OVERVIEW
    named = [i for i in table.numeric if _named(table.header[i], text)]
    columns = (named or table.numeric)[:MAX_COLUMNS]
    if not columns:
        return _program(title, body, report, "[value for _, value in results]")
    wanted = [(n, code) for words, n, code in STATISTICS if re.search(words, text)]
    group = _group(table, text)
    bars = "bars"
    if group is None:
        wanted = wanted or [(n, code) for _, n, code in STATISTICS if n != "median"]
        body += COLUMNS.format(columns=columns)
        label, indent = 'f"{what} of {{header[column]}}"', " " * 8
        after = BARS.format(column=columns[0])
    else:
        wanted = wanted or [(STATISTICS[0][1], STATISTICS[0][2])]
        body += GROUPS.format(columns=columns, group=group)
        label, indent = 'f"{what} of {{header[column]}} for {{key}}"', " " * 12
        after, bars = "", "[value for _, value in results[2:]]"
    for what, code in wanted:
        body += f"{indent}results.append(({label.format(what=what)}, {code}))\n"
    drawn = report is not None and report.kind == "png"
    return _program(title, body + (after if drawn else ""), report, bars)


def _group(table: _Table, text: str) -> int | None:
    """The column that comes after `per`, `by` or `each` in the text."""
    for match in re.finditer(r"\b(?:per|by|each|every)\s+(.{1,40})", text):
        for index, column in enumerate(table.header):
            head = match[1][: len(column) + 1]
            if index not in table.numeric and _named(column, head):
                return index
    return None


# Programs that write a file

WRITERS = {
    "csv": """
with open({name}, "w", encoding="utf-8", newline="") as file:
    csv.writer(file).writerows([("name", "value"), *results])
""",
    "json": """
with open({name}, "w", encoding="utf-8") as file:
    json.dump(dict(results), file, indent=2, ensure_ascii=False)
""",
    "md": """
with open({name}, "w", encoding="utf-8") as file:
    file.writelines(f"- {{name}}: {{show(value)}}\\n" for name, value in results)
""",
    "txt": """
with open({name}, "w", encoding="utf-8") as file:
    file.writelines(f"{{name}} = {{show(value)}}\\n" for name, value in results)
""",
    "png": """
draw({name}, {bars})
""",
}

DRAW = '''

def draw(name, values, width=640, height=400, margin=20):
    """A bar chart as a PNG file: one bar a value, from left to right."""
    low, high = min([0, *values]), max([0, *values])
    scale = (height - 2 * margin) / (high - low or 1)
    zero = round(margin + high * scale)
    lines = [bytearray(b"\\xff" * 3 * width) for _ in range(height)]

    def fill(left, top, right, bottom, color):
        for line in lines[top:bottom]:
            line[3 * left : 3 * right] = bytes(color) * (right - left)

    step = (width - 2 * margin) / max(len(values), 1)
    for index, value in enumerate(values):
        left = round(margin + (index + 0.1) * step)
        right = max(left + 1, round(margin + (index + 0.9) * step))
        end = round(zero - value * scale)
        fill(left, min(zero, end), right, max(zero, end), (0, 120, 212))
    fill(margin, zero, width - margin, zero + 1, (0, 0, 0))

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\\0" + bytes(line) for line in lines))
    with open(name, "wb") as file:
        file.write(b"\\x89PNG\\r\\n\\x1a\\n" + chunk(b"IHDR", head))
        file.write(chunk(b"IDAT", pixels) + chunk(b"IEND", b""))

'''

SQUARES = """
results = [(f"{{number}}^{power}", number**{power}) for number in range(1, {last} + 1)]
"""


def _without_file(prompt: str, report: Report) -> str:
    """A program that writes a prompt's results, its numbers, or squares and cubes."""
    calculation = programs.write_program(prompt)
    if calculation and report.kind != "png":
        return _with_report(calculation, report)
    bars = "[value for _, value in results]"
    match = re.search(programs.LIST, prompt[:2_000])
    if match:
        numbers = re.findall(programs.SIGNED, match.group())[: programs.MAX_NUMBERS]
        values = ", ".join(
            f'("value {at}", {float(number):.15g})'
            for at, number in enumerate(numbers, 1)
        )
        return _program("The numbers", f"\nresults = [{values}]\n", report, bars)
    last = re.search(r"\b1 (?:to|through|-) (\d{1,4})\b", prompt)
    count = min(int(last[1]) if last else 10, MOST_SQUARES) or 10
    power = 3 if re.search(r"\bcub", prompt, re.IGNORECASE) else 2
    title = f"The {'cubes' if power == 3 else 'squares'} of 1 to {count}"
    return _program(title, SQUARES.format(power=power, last=count), report, bars)


REPORT = '''
import builtins

{opening}


def print(*values):
    """Print the values, and put them into the file, too."""
    text = " ".join(str(value) for value in values)
    builtins.print(text)
    {writing}

'''


def _with_report(program: str, report: Report) -> str:
    """A calculation's program whose lines go into a file, too."""
    title, _, rest = program.partition("\n")
    newline = ', newline=""' if report.kind == "csv" else ""
    opening = f'report = open("{report.name}", "w", encoding="utf-8"{newline})'
    writing = 'report.write(text + "\\n")'
    if report.kind == "csv":
        opening = f"import csv\n\n{opening}"
        writing = 'csv.writer(report).writerow(text.split(" = "))'
    elif report.kind == "json":
        opening = f"import json\n\nlines = []\n{opening}"
        writing = "lines.append(text)"
        rest = f"{rest.rstrip()}\njson.dump(lines, report)\n"
    head = REPORT.format(opening=opening, writing=writing)
    return f"{title}{head}{rest.rstrip()}\nreport.close()\n"


def _program(title: str, body: str, report: Report | None, bars: str) -> str:
    """A program: its title, the imports and functions that it needs, and its text."""
    work = body.strip() + "\n" + PRINT
    if report is not None:
        writer = WRITERS[report.kind]
        work += writer.format(name=repr(report.name), bars=bars)
    functions = NUMBER if "number(" in work else ""
    functions += SHOW
    if report is not None and report.kind == "png":
        functions += DRAW
    functions = re.sub(r"\n{4,}", "\n\n\n", functions)
    text = functions + work
    modules = ("csv", "json", "math", "statistics", "struct", "zlib")
    imports = [f"import {m}\n" for m in modules if re.search(rf"\b{m}\.", text)]
    return f"# {title}\n{''.join(imports)}{functions}{work}"
