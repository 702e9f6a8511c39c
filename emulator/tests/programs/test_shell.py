"""The hosted shell's own commands, and that there is no way out of them."""

import os
import subprocess
import sys
from typing import Any

import pytest

from responses_emulator.programs import interpreter, shell
from responses_emulator.programs.shell import MAX_READ, Ran, Shell, mounted

SALES = b"month,sales\nJan,100\nFeb,250\n"
ADD = b"import sys\nprint(sum(map(float, sys.argv[1:])))\n"
FILES = {
    "sales.csv": SALES,
    "notes.txt": b"two words\n",
    "skills/math/SKILL.md": b"# Math\n",
    "skills/math/add.py": ADD,
}


def make(files: dict[str, bytes] = FILES, **options: Any) -> Shell:
    return Shell(dict(files), lambda name, _content: f"id of {name}", **options)


def run(line: str) -> Ran:
    return make().run(line)


@pytest.mark.parametrize(
    ("line", "stdout"),
    [
        ("echo hello", "hello\n"),
        ("echo -n 'a  b' \"c\"d\\ e", "a  b cd e"),
        ("echo 'it''s' \"say \\\"hi\\\" \\$5\" a\\;b", 'its say "hi" $5 a;b\n'),
        ("echo '$(id) `id` | ; > &&'", "$(id) `id` | ; > &&\n"),
        ("echo how? so* a#b", "how? so* a#b\n"),
        ("echo", "\n"),
        ("ls", "notes.txt\nsales.csv\nskills\n"),
        ("ls /mnt/data/", "notes.txt\nsales.csv\nskills\n"),
        ("ls skills/math", "SKILL.md\nadd.py\n"),
        ("ls ./skills//math/.", "SKILL.md\nadd.py\n"),
        ("ls sales.csv *.txt", "sales.csv\nnotes.txt\n"),
        ("cat sales.csv", SALES.decode()),
        ("cat /mnt/data/notes.txt notes.txt", "two words\ntwo words\n"),
        ("cat *.csv", SALES.decode()),
        ("cat /mnt/data/s*.csv", SALES.decode()),
        ("cat skills/*/SKILL.md", "# Math\n"),
        ("head -n 1 sales.csv", "month,sales\n"),
        ("head -2 sales.csv", "month,sales\nJan,100\n"),
        ("head -n2 sales.csv", "month,sales\nJan,100\n"),
        ("head -c 5 sales.csv", "month"),
        ("head sales.csv", SALES.decode()),
        ("head -1 *.csv *.txt", "==> sales.csv <==\nmonth,sales\n==> notes.txt <==\n"
         "two words\n"),
        ("wc sales.csv", "3 3 28 sales.csv\n"),
        ("wc -l sales.csv notes.txt", "3 sales.csv\n1 notes.txt\n4 total\n"),
        ("wc -w -c notes.txt", "2 10 notes.txt\n"),
        ("python skills/math/add.py 1 2.5", "3.5\n"),
        ("python3 /mnt/data/skills/math/add.py 40 2", "42.0\n"),
        ("echo a && echo b", "a\nb\n"),
        ("wc -l sales.csv&&head -n 1 sales.csv", "3 sales.csv\nmonth,sales\n"),
    ],
)  # fmt: skip
def test_a_command_prints_what_it_would_elsewhere(line: str, stdout: str):
    assert run(line) == Ran(stdout, "", 0)


@pytest.mark.parametrize(
    ("line", "stdout"),
    [
        ("echo a_b~c#d", "a_b~c#d\n"),
        ("echo '' \"\" a", "  a\n"),
        ("echo -n", ""),
        ("echo -n -n a", "-n a"),
        ("echo \ta\t b \t", "a b\n"),
        ("echo \"a\\b\" \"a\\\\b\" \"\\`\"", "a\\b a\\b `\n"),
        ("echo a&&echo b", "a\nb\n"),
        ("ls -- sales.csv", "sales.csv\n"),
        ("ls -A1h skills", "math\n"),
        ("ls -a skills/math", ".\n..\nSKILL.md\nadd.py\n"),
        ("ls -a sales.csv", "sales.csv\n"),
        ("ls skills/m*", "SKILL.md\nadd.py\n"),
        ("cat skills/math/*.md", "# Math\n"),
        ("head -n 0 sales.csv", ""),
        ("head -n 99 sales.csv", SALES.decode()),
        ("head -c5 sales.csv", "month"),
        ("head -- sales.csv", SALES.decode()),
        ("head -n 2 -n 1 sales.csv", "month,sales\n"),
        ("head -n 3 notes.txt", "two words\n"),
        ("wc notes.txt notes.txt", "1 2 10 notes.txt\n1 2 10 notes.txt\n"
         "2 4 20 total\n"),
        ("wc -cl notes.txt", "1 10 notes.txt\n"),
        ("wc -- notes.txt", "1 2 10 notes.txt\n"),
    ],
)  # fmt: skip
def test_options_and_quotes_mean_what_they_do_elsewhere(line: str, stdout: str):
    assert run(line) == Ran(stdout, "", 0)


def test_head_shows_ten_lines_and_wc_counts_letters():
    one = make({"a": b"1\n" * 12, "b": "é é\n".encode() + b"\xff"})
    assert one.run("head a").stdout == "1\n" * 10
    assert one.run("wc -m b").stdout == "5 b\n"
    assert one.run("wc -mc b").stdout == "5 7 b\n"
    assert one.run("wc -lwmc b").stdout == "1 3 5 7 b\n"


def test_a_pattern_stands_for_files_and_folders_of_its_depth():
    one = make({"a/b/c.txt": b"1", "a/b/d.txt": b"2", "a/e.txt": b"3", "f.txt": b"4"})
    assert one.run("cat */*").stdout == "3"
    assert one.run("ls */*").stdout == "a/b:\nc.txt\nd.txt\na/e.txt\n"
    assert one.run("cat a/?/*.txt").stdout == "12"
    assert one.run("cat /mnt/data/*.txt").stdout == "4"
    assert one.run("echo /mnt/data/*/* *.x").stdout == (
        "/mnt/data/a/b /mnt/data/a/e.txt *.x\n"
    )


def test_what_is_wrong_with_one_name_does_not_cost_the_others():
    ran = run("ls nothing notes.txt ../x skills")
    assert ran.stdout == "notes.txt\nskills:\nmath\n"
    assert ran.exit_code == 2
    assert "'nothing': No such file" in ran.stderr
    assert "ls: ../x: the emulator's shell sees nothing but" in ran.stderr
    ran = run("cat nothing notes.txt")
    assert (ran.stdout, ran.exit_code) == ("two words\n", 1)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("head nothing", "head: nothing: No such file or directory\n"),
        ("head ../x", "head: ../x: the emulator's shell sees nothing but /mnt/data, "
         "and '..' leads nowhere\n"),
        ("wc nothing", "wc: nothing: No such file or directory\n"),
        ("ls -lx", "ls: the emulator's ls has no option '-lx'\n"),
        ("wc -x", "wc: the emulator's wc has no option '-x'\n"),
        ("head -c", "head: the emulator's head has no option '-c'\n"),
        ("head -n x", "head: the emulator's head has no option '-n'\n"),
        ("head -5x a", "head: the emulator's head has no option '-5x'\n"),
        ("python3 nothing", "python3: nothing: No such file or directory\n"),
        ("head", "head: a file is needed: there is no standard input\n"),
        ("tac a", "tac: the emulator's shell has no such command. It has echo, ls, "
         "cat, head, wc and python FILE.\n"),
    ],
)  # fmt: skip
def test_who_says_what_is_wrong_is_named(line: str, told: str):
    assert run(line).stderr == told


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_python_has_two_options_for_its_version(option: str):
    assert run(f"python3 {option}").stdout.startswith("Python 3.")
    assert run(f"python {option} p.py").exit_code == 2


def test_a_long_list_tells_sizes_and_folders():
    [folder] = run("ls -l skills").stdout.splitlines()
    assert folder == "drwxr-xr-x 1 root root     4096 math"
    rows = run("ls -la").stdout.splitlines()
    assert [row.split()[-1] for row in rows] == [
        ".", "..", "notes.txt", "sales.csv", "skills",
    ]  # fmt: skip
    assert rows[3].split() == ["-rw-r--r--", "1", "root", "root", "28", "sales.csv"]
    assert rows[4].startswith("drwx")
    two = run("ls skills /mnt/data/skills/math").stdout
    assert two == "skills:\nmath\n/mnt/data/skills/math:\nSKILL.md\nadd.py\n"


def test_python_tells_its_version_as_the_documentation_asks_it_to():
    ran = run("python --version && echo 'hello from the shell'")
    assert ran.stdout.startswith("Python 3.")
    assert ran.stdout.endswith("\nhello from the shell\n")


@pytest.mark.parametrize(
    ("line", "code", "told"),
    [
        ("cat nothing.txt", 1, "cat: nothing.txt: No such file or directory"),
        ("cat skills", 1, "cat: skills: Is a directory"),
        ("ls nothing", 2, "ls: cannot access 'nothing': No such file or directory"),
        ("wc", 1, "wc: a file is needed"),
        ("cat -", 1, "cat: -: No such file"),
        ("ls -t", 2, "no option '-t'"),
        ("head -x sales.csv", 2, "no option '-x'"),
        ("head -n -1 sales.csv", 2, "no option '-n'"),
        ("wc -L sales.csv", 2, "no option '-L'"),
        ("python", 2, "'python FILE' and nothing else"),
        ("python nothing.py", 2, "No such file"),
        ("", 2, "a command is missing"),
        ("echo a &&", 2, "a command is missing"),
        ("echo 'a", 2, "a quotation mark is not closed"),
        ('echo "a', 2, "a quotation mark is not closed"),
        ("echo a\\", 2, "no further than its line"),
        ("echo " + "a" * 10_000, 2, "longer than 10000 characters"),
    ],
)
def test_what_is_wrong_is_told_on_the_other_stream(line: str, code: int, told: str):
    ran = run(line)
    assert (ran.stdout, ran.exit_code) == ("", code)
    assert told in ran.stderr


def test_a_failure_keeps_what_was_printed_and_ends_the_line():
    ran = run("wc -l nothing.txt sales.csv && echo never")
    assert ran.stdout == "3 sales.csv\n"
    assert "nothing.txt" in ran.stderr
    assert ran.exit_code == 1


HOSTILE = [
    ("echo a; rm -rf /", "no ';'"),
    ("ls;id", "no ';'"),
    ("cat sales.csv | sh", "no '|'"),
    ("cat nothing || id", "no '||'"),
    ("echo $(id)", "no '$('"),
    ('echo "$(id)"', "no '$('"),
    ("echo `id`", "no '`'"),
    ('echo "`id`"', "no '`'"),
    ("echo $HOME", "no '$'"),
    ("echo ${HOME}", "no '${'"),
    ('echo "$HOME"', "no '$'"),
    ("cat <(id)", "no '<('"),
    ("echo x > notes.txt", "no '>'"),
    ("echo x >> notes.txt", "no '>>'"),
    ("cat < /etc/passwd", "no '<'"),
    ("cat << EOF", "no '<<'"),
    ("ls & id", "no '&'"),
    ("ls\nid", "no 'line break'"),
    ("ls\rid", "no 'line break'"),
    ("ls {a,b}", "no '{'"),
    ("cat [a-z]*", "no '['"),
    ("(id)", "no '('"),
    ("cat ~/.ssh/id_rsa", "no '~'"),
    ("# ls", "no '#'"),
    ("rm notes.txt", "rm: the emulator's shell has no such command"),
    ("bash -c id", "bash: the emulator's shell has no such command"),
    ("sh skills/math/add.py", "sh: the emulator's shell has no such command"),
    ("/bin/ls", "/bin/ls: the emulator's shell has no such command"),
    ("./add.py", "./add.py: the emulator's shell has no such command"),
    ("../../bin/ls", "../../bin/ls: the emulator's shell has no such command"),
    ("X=1 ls", "X=1: the emulator's shell has no such command"),
    ("env ls", "env: the emulator's shell has no such command"),
    ("sudo ls", "sudo: the emulator's shell has no such command"),
    ("ECHO a", "ECHO: the emulator's shell has no such command"),
    ("curl https://example.com", "curl: the emulator's shell has no such command"),
    ("ln -s /etc/passwd x", "ln: the emulator's shell has no such command"),
    ("python -c 'print(1)'", "'python FILE' and nothing else"),
    ("python -m http.server", "'python FILE' and nothing else"),
    ("python - ", "'python FILE' and nothing else"),
    ("python3.11 add.py", "python3.11: the emulator's shell has no such command"),
    ("python /etc/hostname", "sees nothing but /mnt/data"),
    ("python ../add.py", "sees nothing but /mnt/data"),
    ("cat /etc/passwd", "sees nothing but /mnt/data"),
    ("cat //etc/passwd", "sees nothing but /mnt/data"),
    ("cat /mnt/data/../../etc/passwd", "sees nothing but /mnt/data"),
    ("cat skills/../../../etc/passwd", "sees nothing but /mnt/data"),
    ("cat ..", "sees nothing but /mnt/data"),
    ("cat '../x'", "sees nothing but /mnt/data"),
    ("cat .\\./x", "sees nothing but /mnt/data"),
    ("cat '..\\x'", "sees nothing but /mnt/data"),
    ("cat /mnt/database/x", "sees nothing but /mnt/data"),
    ("cat /proc/self/environ", "sees nothing but /mnt/data"),
    ("cat 'C:\\Windows\\win.ini'", "sees nothing but /mnt/data"),
    ("ls /", "sees nothing but /mnt/data"),
    ("ls -R /mnt/..", "no option '-R'"),
    ("ls /mnt/..", "sees nothing but /mnt/data"),
    ("head -1 /etc/*", "sees nothing but /mnt/data"),
    ("wc -l /dev/zero", "sees nothing but /mnt/data"),
    ("cat 'a\0b'", "sees nothing but /mnt/data"),
]


@pytest.mark.parametrize(("line", "told"), HOSTILE)
def test_a_hostile_command_is_refused_by_name_and_runs_nothing(
    line: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    def nothing(*_: Any, **__: Any) -> Any:
        pytest.fail("something was started")

    for module, name in (
        (subprocess, "Popen"),
        (os, "system"),
        (os, "posix_spawn"),
        (interpreter, "run"),
    ):
        monkeypatch.setattr(module, name, nothing, raising=False)
    one = make()

    ran = one.run(line)

    assert told in ran.stderr
    assert ran.exit_code != 0
    assert ran.stdout == ""
    assert one.files == FILES


def test_nothing_of_a_line_runs_where_a_part_of_it_is_refused():
    assert run("echo a && echo b; id").stdout == ""


# python FILE


def program(text: str, line: str = "python p.py", **files: bytes) -> tuple[Shell, Ran]:
    one = make({"p.py": text.encode(), **files})
    return one, one.run(line)


def test_what_a_program_writes_is_kept_and_seen_by_the_next_command():
    one, ran = program(
        "open('out.txt', 'w').write(open('in.txt').read() * 2)",
        "python p.py && cat out.txt",
        **{"in.txt": b"ab"},
    )
    assert (ran.stdout, ran.exit_code) == ("abab", 0)
    assert one.written == ["out.txt"]


def test_a_program_has_its_arguments_two_streams_and_an_exit_code():
    files = {
        "skills/m/p.py": b"import sys\nprint(sys.argv)\n"
        b"print('told', file=sys.stderr)\nsys.exit(3)\n",
    }
    ran = make(files).run("python skills/m/p.py 'a b' /mnt/data/x.csv")
    assert ran == Ran("['skills/m/p.py', 'a b', 'x.csv']\n", "told\n", 3)


@pytest.mark.parametrize(
    "text",
    [
        "import os; os.system('id')",
        "import socket",
        "print(open('/etc/passwd').read())",
        "open('../escaped', 'w')",
        "import os; os.symlink('/etc/passwd', 'x'); print(open('x').read())",
    ],
)
def test_a_program_that_reaches_out_fails(text: str):
    one, ran = program(text)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert "Error: " in ran.stderr
    assert one.written == []


def test_what_is_written_again_is_told_once():
    one, _ = program("open('a', 'w').write('1')", "python p.py && python p.py")
    assert one.written == ["a"]
    assert one.files["a"] == b"1"


def test_all_programs_of_a_call_have_five_seconds_together(
    monkeypatch: pytest.MonkeyPatch,
):
    given: list[float] = []
    clock = iter([0.0, 3.0, 10.0, 12.5])

    def ran(*_: Any, seconds: float, **__: Any) -> interpreter.Outcome:
        given.append(seconds)
        return interpreter.Outcome()

    monkeypatch.setattr(interpreter, "run", ran)
    monkeypatch.setattr(shell.time, "monotonic", lambda: next(clock))
    one = make({"p.py": b""})
    ran_out = one.run("python p.py && python p.py && python p.py")
    assert given == [5.0, 2.0]
    assert ran_out.exit_code is None


def test_a_program_may_make_a_hundred_files():
    one, ran = program("for n in range(150): open(f'{n}', 'w').close()", x=b"")
    assert ran.exit_code == 1
    assert "there may be 102 files" in ran.stderr
    assert len(one.written) == 100


def test_a_program_may_not_write_into_a_skill():
    one = make({"skills/m/p.py": b"open('skills/m/p.py', 'w').write('x')"})
    ran = one.run("python skills/m/p.py")
    assert "'skills/m/p.py' was not kept" in ran.stderr
    assert one.files["skills/m/p.py"].startswith(b"open")


def test_a_program_that_prints_too_much_is_ended():
    _, ran = program("while True: print('x' * 1000)")
    assert ran.exit_code == 137
    assert "The output was cut" in ran.stderr


def test_without_its_extra_a_program_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(sys.modules, "pydantic_monty", None)
    _, ran = program("print(1)")
    assert ran.exit_code == 127
    assert "needs its extra 'programs'" in ran.stderr


def test_a_program_that_never_ends_is_a_timeout():
    one = make({"p.py": b"print('begun')\nwhile True: pass\n"})
    one._seconds = 0.5
    ran = one.run("python p.py && echo never")
    assert (ran.stdout, ran.exit_code) == ("begun\n", None)
    assert ran.stderr.startswith("Timed out after 0.5 s")
    assert one.run("python p.py").exit_code is None  # no time is left
    assert one.run("echo a").stdout == "a\n"


def test_a_file_that_cannot_be_kept_is_told():
    one = Shell({"p.py": b"open('a b', 'w').write('x')"}, lambda _name, _content: None)
    ran = one.run("python p.py")
    assert "'a b' was not kept" in ran.stderr
    assert (one.written, list(one.files)) == ([], ["p.py"])


# Bounds


def test_output_is_bounded_and_what_is_left_out_is_counted():
    one = make({"big.txt": b"x" * 100_000})
    ran = one.run("cat big.txt big.txt")
    assert len(ran.stdout) < 20_100
    assert ran.stdout.endswith("\n[180000 bytes left out]\n")
    assert make({"a": b"x" * 50}, max_output=10).run("cat a").stdout == (
        "x" * 10 + "\n[40 bytes left out]\n"
    )


def test_output_is_bounded_to_the_last_byte():
    one = make({"a": b"x" * 10, "b": b"x" * 11}, max_output=10)
    assert one.run("cat a").stdout == "x" * 10
    assert one.run("cat b").stdout == "x" * 10 + "\n[1 bytes left out]\n"
    assert one.run("cat a a a").stdout == "x" * 10 + "\n[20 bytes left out]\n"
    assert shell.MAX_OUTPUT == 20_000
    assert "no ';'" in run("echo " + "a" * 9_994 + ";").stderr  # 10,000 characters


def test_all_that_one_call_reads_is_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(shell, "MAX_READ", len(SALES) + 10)
    assert run("cat sales.csv notes.txt").exit_code == 0
    told = run("cat sales.csv notes.txt && wc -l notes.txt")
    assert (told.exit_code, told.stderr[:4]) == (1, "wc: ")


def test_words_are_counted_across_the_pieces_that_are_looked_at():
    piece = 2**20
    for content, words in [
        (b"a" * piece + b"b", 1),
        (b"a" * (piece - 1) + b" b", 2),
        (b"a" * piece + b" b", 2),
        (b" " * piece + b"b", 1),
        (b"a b" * piece, piece + 1),
    ]:
        assert shell._count_words(content) == words


def test_what_one_call_reads_is_bounded(monkeypatch: pytest.MonkeyPatch):
    one = make({"big.bin": b"a " * (MAX_READ // 4 + 1)})
    assert one.run("wc -w big.bin").stdout == f"{MAX_READ // 4 + 1} big.bin\n"
    assert "reads at most 64 MB in one call" in one.run("wc -w big.bin").stderr
    monkeypatch.setattr(shell, "MAX_READ", 10)
    assert "reads at most" in make().run("python skills/math/add.py").stderr


def test_a_pattern_is_no_trap():
    one = make({"a" * 200: b""})
    assert one.run(f"cat {'*a' * 100}b").exit_code == 1


def test_skills_are_below_a_folder_of_their_own():
    seen = mounted({"a.txt": b"1"}, {"math": {"x/add.py": b"2"}})
    assert seen == {"a.txt": b"1", "skills/math/x/add.py": b"2"}
