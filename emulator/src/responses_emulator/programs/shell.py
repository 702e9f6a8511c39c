"""The hosted shell: a few commands of our own over a container's files.

It has `echo`, `ls`, `cat`, `head`, `wc` and `python FILE`; commands can be joined with
`&&`, and `*` and `?` stand for file names. All else is refused by name. Nothing here
starts a shell or a program of this machine: the commands are functions below, the files
are bytes in memory under `/mnt/data`, and `python` is `interpreter`. There is no
other place, so neither `..` nor an absolute path leads anywhere. There are no links.
"""

import platform
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from responses_emulator import extras
from responses_emulator.signals import Signal

ROOT = "/mnt/data"
COMMANDS = ("echo", "ls", "cat", "head", "wc", "python")
SECONDS = 5.0  # for all programs of one call
MAX_COMMAND = 10_000  # characters
MAX_READ = 64 * 2**20  # bytes that the commands of one call look at
MAX_OUTPUT = 20_000  # bytes of each command's output that are given back
MAX_NEW_FILES = 100  # that one program makes
ENDED = 137  # the exit code of a program that was ended
HEAD_LINES = 10

# What a shell would act on, outside quotes. `$` and a backtick act in double ones, too.
_OPERATORS = frozenset("|;&<>(){}[]\n\r")
_SUBSTITUTIONS = frozenset("$`")
_AT_THE_BEGINNING = frozenset("~#")  # of a word
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True)
class Ran:
    """What came of one command line; without an exit code it took too long."""

    stdout: str
    stderr: str
    exit_code: int | None


@dataclass
class _Word:
    text: str = ""
    pattern: bool = False  # it has an unquoted * or ?


class _Refused(Exception):
    """What the shell does not do; the message goes to stderr."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class _TimedOut(Exception):
    """A program took longer than there was time."""


@dataclass
class Shell:
    """One call: command lines that are run one after the other.

    `files` are those of the container by their paths under `/mnt/data`; what a program
    writes is added. `keep` stores a file: its id, or None where it cannot. `stop` ends
    programs.
    """

    files: dict[str, bytes]
    keep: Callable[[str, bytes], str | None]
    max_output: int = MAX_OUTPUT
    stop: Signal | None = None
    written: list[str] = field(default_factory=list[str])
    _read: int = 0
    _seconds: float = SECONDS

    def run(self, line: str) -> Ran:
        """What a command line prints. Nothing that is wrong with it is raised."""
        out, errors, code = _Output(self.max_output), _Output(self.max_output), 0
        try:
            for command in _commands(line):
                code = self._run(command, out, errors)
                if code:
                    break
        except _Refused as refused:
            errors.add(f"{refused}\n".encode())
            code = refused.exit_code
        except _TimedOut:
            return Ran(out.text(), errors.text(), None)
        return Ran(out.text(), errors.text(), code)

    def _run(self, words: list[_Word], out: "_Output", errors: "_Output") -> int:
        name, *arguments = self._expanded(words)
        if name == "echo":
            return _echo(arguments, out)
        if name == "ls":
            return self._ls(arguments, out, errors)
        if name == "cat":
            return self._each(
                "cat", arguments, errors, lambda _, content: out.add(content)
            )
        if name == "head":
            return self._head(arguments, out, errors)
        if name == "wc":
            return self._wc(arguments, out, errors)
        if name in ("python", "python3"):
            return self._python(name, arguments, out, errors)
        raise _Refused(
            f"{name}: the emulator's shell has no such command. It has echo, ls, cat, "
            "head, wc and python FILE.",
            127,
        )

    def _expanded(self, words: list[_Word]) -> list[str]:
        """The words, each pattern as the names that it stands for."""
        expanded: list[str] = []
        for word in words:
            names = self._matching(word.text) if word.pattern else []
            expanded += names or [word.text]
        return expanded

    def _matching(self, pattern: str) -> list[str]:
        """The files and folders that a pattern stands for, spelt as it is."""
        below = pattern.removeprefix(f"{ROOT}/")
        begin = pattern[: len(pattern) - len(below)]
        wanted = below.split("/")
        places = {p for path in self.files for p in _above(path)} | set(self.files)
        return sorted(
            begin + place
            for place in places
            if place.count("/") + 1 == len(wanted)
            and all(map(fnmatchcase, place.split("/"), wanted))
        )

    # Commands

    def _ls(self, arguments: list[str], out: "_Output", errors: "_Output") -> int:
        options, names = _options("ls", arguments, "alh1A")
        code = 0
        for name in names or [ROOT]:
            try:
                path = _path("ls", name)
                listed = self._listed(name, path)
            except _Refused as refused:
                errors.add(f"{refused}\n".encode())
                code = 2
                continue
            if len(names) > 1 and path not in self.files:
                out.add(f"{name}:\n".encode())
            if "a" in options and path not in self.files:
                listed = {".": None, "..": None, **listed}
            for entry, size in listed.items():
                out.add(f"{_row(entry, size, long='l' in options)}\n".encode())
        return code

    def _listed(self, name: str, path: str) -> dict[str, int | None]:
        """What a folder has, or a file itself: its size, of a folder None."""
        if path in self.files:
            return {name: len(self.files[path])}
        begin = f"{path}/" if path else ""
        inside = sorted(each for each in self.files if each.startswith(begin))
        if path and not inside:
            raise _Refused(f"ls: cannot access '{name}': No such file or directory")
        listed: dict[str, int | None] = {}
        for each in inside:
            entry, slash, _ = each.removeprefix(begin).partition("/")
            listed[entry] = None if slash else len(self.files[each])
        return listed

    def _head(self, arguments: list[str], out: "_Output", errors: "_Output") -> int:
        count, unit, names = _head_options(arguments)

        def show(name: str, content: bytes) -> None:
            if len(names) > 1:
                out.add(f"==> {name} <==\n".encode())
            out.add(content[:count] if unit == "c" else _first_lines(content, count))

        return self._each("head", names, errors, show)

    def _wc(self, arguments: list[str], out: "_Output", errors: "_Output") -> int:
        options, names = _options("wc", arguments, "lwcm")
        counted: list[tuple[list[int], str]] = []

        def count(name: str, content: bytes) -> None:
            counts = {"l": content.count(b"\n"), "w": _count_words(content)}
            counts |= {"c": len(content), "m": len(content.decode("utf-8", "replace"))}
            wanted = options or "lwc"
            shown = [counts[unit] for unit in "lwmc" if unit in wanted]
            counted.append((shown, name))

        code = self._each("wc", names, errors, count)
        if len(counted) > 1:
            columns = zip(*(counts for counts, _ in counted), strict=True)
            counted.append(([sum(column) for column in columns], "total"))
        for counts, name in counted:
            out.add(f"{' '.join(map(str, counts))} {name}\n".encode())
        return code

    def _python(
        self, called: str, arguments: list[str], out: "_Output", errors: "_Output"
    ) -> int:
        if arguments in (["--version"], ["-V"]):
            out.add(f"Python {platform.python_version()}\n".encode())
            return 0
        if not arguments or arguments[0].startswith("-"):
            raise _Refused(
                f"{called}: the emulator's shell runs '{called} FILE' and nothing else"
            )
        path = self._file(called, arguments[0])
        given = [each.removeprefix(f"{ROOT}/") for each in arguments[1:]]
        self._count(called, sum(map(len, self.files.values())))
        if not extras.is_there("programs"):
            raise _Refused(extras.missing("programs", "To run a program"), 127)
        if self._seconds <= 0:
            raise _TimedOut
        return self._run_program(path, given, out, errors)

    def _run_program(
        self, path: str, given: list[str], out: "_Output", errors: "_Output"
    ) -> int:
        # It is heavy, and comes with an extra.
        from responses_emulator.programs import interpreter

        began = time.monotonic()
        done = interpreter.run(
            self.files[path].decode("utf-8", "replace"),
            self.files,
            None,
            arguments=[path, *given],
            most_files=len(self.files) + MAX_NEW_FILES,
            seconds=self._seconds,
            stop=self.stop,
        )
        self._seconds -= time.monotonic() - began
        for stream, text in done.output:
            (out if stream == "stdout" else errors).add(text.encode("utf-8", "replace"))
        errors.add(done.error.encode("utf-8", "replace"))
        if done.ended:
            errors.add(f"{done.told}\n".encode())
        for name, content in done.written.items():
            self._keep(name, content, errors)
        if done.ended == "time":
            raise _TimedOut
        return ENDED if done.exit_code is None else done.exit_code

    def _keep(self, name: str, content: bytes, errors: "_Output") -> None:
        if name.startswith("skills/") or self.keep(name, content) is None:
            told = f"{name!r} was not kept: no room, or no name for a container"
            errors.add(f"{told}\n".encode())
            return
        self.files[name] = content
        if name not in self.written:
            self.written.append(name)

    # Files

    def _each(
        self,
        command: str,
        names: list[str],
        errors: "_Output",
        use: Callable[[str, bytes], None],
    ) -> int:
        """Let `use` have each file; the exit code. One that is not there is told."""
        if not names:
            raise _Refused(
                f"{command}: a file is needed: there is no standard input", 1
            )
        code = 0
        for name in names:
            try:
                content = self.files[self._file(command, name)]
            except _Refused as refused:
                errors.add(f"{refused}\n".encode())
                code = 1
                continue
            self._count(command, len(content))
            use(name, content)
        return code

    def _count(self, command: str, size: int) -> None:
        self._read += size
        if self._read > MAX_READ:
            raise _Refused(
                f"{command}: the emulator's shell reads at most {MAX_READ // 2**20} MB "
                "in one call",
                1,
            )

    def _file(self, command: str, name: str) -> str:
        """The path of a file that a command names."""
        path = _path(command, name)
        if path in self.files:
            return path
        is_folder = not path or any(each.startswith(f"{path}/") for each in self.files)
        why = "Is a directory" if is_folder else "No such file or directory"
        raise _Refused(f"{command}: {name}: {why}", 2 if command == "python" else 1)


class _Output:
    """The beginning of what is printed: what is more is counted, and not held."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray()
        self._left_out = 0

    def add(self, content: bytes) -> None:
        room = self._most - len(self._held)
        self._held += content[:room]
        self._left_out += max(0, len(content) - room)

    def text(self) -> str:
        text = self._held.decode("utf-8", "replace")
        return (
            f"{text}\n[{self._left_out} bytes left out]\n" if self._left_out else text
        )


def mounted(
    files: Mapping[str, bytes], skills: Mapping[str, Mapping[str, bytes]]
) -> dict[str, bytes]:
    """All that a shell sees: a container's files, and each skill under `skills/`."""
    return {
        **files,
        **{
            f"skills/{name}/{path}": content
            for name, skill in skills.items()
            for path, content in skill.items()
        },
    }


# Reading a command line


def _commands(line: str) -> Iterator[list[_Word]]:
    """The commands of a line that are joined with `&&`. Raises _Refused."""
    if len(line) > MAX_COMMAND:
        raise _Refused(f"the command is longer than {MAX_COMMAND} characters")
    commands: list[list[_Word]] = [[]]
    for word in _words(line):
        if word is None:
            commands.append([])
        else:
            commands[-1].append(word)
    if [] in commands:
        raise _Refused("a command is missing")
    yield from commands


def _words(line: str) -> Iterator[_Word | None]:
    """The words of a line; None stands for `&&`. What else acts is refused by name."""
    word: _Word | None = None
    at = 0
    while at < len(line):
        character = line[at]
        if character in " \t":
            if word is not None:
                yield word
            word = None
        elif line.startswith("&&", at):
            if word is not None:
                yield word
            word = None
            yield None
            at += 1
        elif (
            character in _OPERATORS
            or character in _SUBSTITUTIONS
            or (word is None and character in _AT_THE_BEGINNING)
        ):
            raise _no_operator(line, at)
        else:
            word = word or _Word()
            at = _take(line, at, word)
        at += 1
    if word is not None:
        yield word


def _take(line: str, at: int, word: _Word) -> int:
    """Add a character, or what is quoted, to a word; gives where that ends."""
    character = line[at]
    if character == "'":
        end = line.find("'", at + 1)
        if end < 0:
            raise _Refused("a quotation mark is not closed")
        word.text += line[at + 1 : end]
        return end
    if character == '"':
        at += 1
        while at < len(line) and line[at] != '"':
            if line[at] in _SUBSTITUTIONS:
                raise _no_operator(line, at)
            at += line[at] == "\\" and line[at + 1 : at + 2] in ('"', "\\", "$", "`")
            word.text += line[at : at + 1]
            at += 1
        if at >= len(line):
            raise _Refused("a quotation mark is not closed")
        return at
    if character == "\\":
        if at + 1 == len(line) or line[at + 1] in "\n\r":
            raise _Refused("a command goes on no further than its line")
        word.text += line[at + 1]
        return at + 1
    word.pattern = word.pattern or character in "*?"
    word.text += character
    return at


def _no_operator(line: str, at: int) -> _Refused:
    pair = line[at : at + 2]
    known = ("||", ">>", "<<", "$(", "${", "<(", ">(")
    named = pair if pair in known else line[at]
    shown = {"\n": "line break", "\r": "line break"}.get(named, named)
    return _Refused(
        f"the emulator's shell has no '{shown}': it runs one command, or several that "
        "are joined with '&&'"
    )


# Options and paths


def _options(command: str, arguments: list[str], known: str) -> tuple[str, list[str]]:
    """The letters of the options, and the names after them."""
    given, names = "", [*arguments]
    while names and names[0].startswith("-") and len(names[0]) > 1:
        option = names.pop(0)
        if option == "--":
            break
        for letter in option[1:]:
            if letter not in known:
                raise _no_option(command, option)
        given += option[1:]
    return given, names


def _head_options(arguments: list[str]) -> tuple[int, str, list[str]]:
    """How many, of what ("n": lines, "c": bytes), and the names."""
    count, unit, names = HEAD_LINES, "n", [*arguments]
    while names and names[0].startswith("-") and len(names[0]) > 1:
        option = names.pop(0)
        if option == "--":
            break
        letter, number = option[1:2], option[2:]
        if letter.isdigit():  # -5
            letter, number = "n", option[1:]
        elif letter in ("n", "c") and not number and names:
            number = names.pop(0)
        if letter not in ("n", "c") or not _NUMBER.fullmatch(number):
            raise _no_option("head", option)
        unit, count = letter, int(number)
    return count, unit, names


def _no_option(command: str, option: str) -> _Refused:
    return _Refused(f"{command}: the emulator's {command} has no option '{option}'")


def _path(command: str, name: str) -> str:
    """A path under `/mnt/data`, without that; it is spelt in no way that leads out."""
    below = name
    if name == ROOT or name.startswith(f"{ROOT}/"):
        below = name.removeprefix(ROOT).lstrip("/")
    parts = [part for part in below.split("/") if part not in ("", ".")]
    if below.startswith("/") or ".." in parts or "\\" in below or "\0" in below:
        raise _Refused(
            f"{command}: {name}: the emulator's shell sees nothing but {ROOT}, and "
            "'..' leads nowhere",
            1,
        )
    return "/".join(parts)


def _above(path: str) -> Iterator[str]:
    """The folders that a path leads through."""
    parts = path.split("/")
    for depth in range(1, len(parts)):
        yield "/".join(parts[:depth])


# What is shown


def _echo(arguments: list[str], out: _Output) -> int:
    ends = "\n"
    if arguments[:1] == ["-n"]:
        ends, arguments = "", arguments[1:]
    out.add(f"{' '.join(arguments)}{ends}".encode("utf-8", "replace"))
    return 0


def _row(entry: str, size: int | None, *, long: bool) -> str:
    if not long:
        return entry
    kind = "drwxr-xr-x" if size is None else "-rw-r--r--"
    return f"{kind} 1 root root {4096 if size is None else size:>8} {entry}"


def _first_lines(content: bytes, count: int) -> bytes:
    end = 0
    for _ in range(count):
        end = content.find(b"\n", end) + 1
        if not end:
            return content
    return content[:end]


def _count_words(content: bytes) -> int:
    """How many words there are, found piece by piece: a list of all takes much room."""
    piece, counted = 2**20, 0
    for at in range(0, len(content), piece):
        counted += len(content[at : at + piece].split())
        # One that goes on from the piece before was counted there.
        if (
            at
            and not content[at - 1 : at].isspace()
            and not content[at : at + 1].isspace()
        ):
            counted -= 1
    return counted
