"""Small Python programs that work out a prompt's arithmetic, or look into its files.

No text of a prompt is ever part of a program: only numbers, operators, and names of
files of a plain form.
"""

from collections.abc import Collection

from responses_emulator.model.prompt import expressions
from responses_emulator.model.prompt.words import lazy_pattern

MAX_PROMPT = 4_000  # characters that are looked at
MAX_FILES = 5  # that one program looks into
_SAVED = lazy_pattern(
    r"(?i)\b(?:save|write|store|export|put)\b[^.?!\n]{0,60}?"
    r"\b([\w-]{1,60}\.(?:csv|txt|md|json))\b"
)
_ABOUT_FILES = lazy_pattern(r"(?i)\b(?:files?|tables?|data|rows?|lines?|columns?)\b")


def write_program(prompt: str, files: Collection[str] = ()) -> str | None:
    """A program for a prompt, and for those of `files` that it names; None for none.

    Where it names none and asks about files, or for one, it is for all of them. What it
    works out it prints, a result a line, and writes where the prompt says so.
    """
    prompt = prompt[:MAX_PROMPT]
    parts = ["lines = []"]
    parts += [
        f'lines.append(f"{one.text} = {{{one.code}}}")'
        for one in expressions.find(prompt)
    ]
    saved = _SAVED().search(prompt)
    named = [name for name in files if plain_name(name) in prompt]
    if not named and (saved or _ABOUT_FILES().search(prompt)):
        named = list(files)
    parts += [part for name in named[:MAX_FILES] for part in _look_into(name)]
    if len(parts) == 1:
        return None
    parts.append('print("\\n".join(lines))')
    if saved:
        parts.append(f'with open("{saved[1]}", "w") as file:')
        parts.append('    file.write("\\n".join(lines) + "\\n")')
    return "\n".join(parts)


def plain_name(name: str) -> str:
    """A file's name without what a container puts before it."""
    return name.partition("-")[2] or name


def _look_into(name: str) -> list[str]:
    """Say how large a file is, and how it begins."""
    return [
        f'with open({name!r}, "rb") as file:',
        "    data = file.read()",
        'rows = data.decode("utf-8", "replace").splitlines()',
        f'lines.append({name!r} + f": bytes = {{len(data)}}, lines = {{len(rows)}}")',
        "lines += [row[:200] for row in rows[:3]]",
    ]


def answer(printed: str) -> str:
    """What the model says of what a program printed."""
    lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
    if not lines:
        return "I ran a Python program for this, and it printed nothing."
    if lines[-1].startswith("Timed out after "):
        return f"I stopped the Python program; it had not finished. {lines[-1]}"
    return "\n".join(["I ran a Python program for this. It printed:", "", *lines])
