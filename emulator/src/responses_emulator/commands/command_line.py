"""The command line of `responses-emulator`: what may be typed, and what it calls."""

import argparse
import re
import sys
from pathlib import Path
from typing import NoReturn

from responses_emulator import extras
from responses_emulator.commands import needs
from responses_emulator.commands.options import ModelOptions

DESCRIPTION = """\
A local stand-in for the Responses API of Azure OpenAI: try the samples and your own
scripts without a subscription. Answers are made up by rules, or come from a model of
your own (--model-url).
"""
EXAMPLES = """\
examples:
  responses-emulator run python/responses-basic-aoai-v1.py
  responses-emulator run --wire python/responses-stream-sse-aoai-v1.py
  responses-emulator serve                   (then use the lines that it prints)
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.version:
        from responses_emulator.about import installed_version

        print(installed_version() or "not installed: run from a checkout")
        return 0
    if options.command is None:
        parser.print_help()
        return 0
    try:
        trouble = _what_is_missing(options)
        if not trouble:
            return _call(options)
    except ModuleNotFoundError as error:
        # A package that is there without being whole, as one made for another Python.
        if not error.name or error.name.partition(".")[0] == "responses_emulator":
            raise
        trouble = needs.what_to_do([error.name])
    print(trouble, file=sys.stderr)
    return 2


def _what_is_missing(options: argparse.Namespace) -> str:
    """One sentence on what has to be there before the command can begin, or none.

    The Python for scripts is chosen here, as `options.python`.
    """
    lacking = needs.of_the_emulator()
    if lacking or options.command == "serve":
        return needs.what_to_do(lacking) if lacking else ""
    # Here, because `serve` has no use for it.
    from responses_emulator.commands.python import choose

    try:
        python = choose(options.python)
    except ValueError as error:
        return str(error)
    options.python = python
    if options.command == "run":
        wanted = needs.of_a_script(Path(options.script))
    elif not options.folder.is_dir():
        return f"There is no folder {options.folder}."
    elif not extras.is_there("client"):
        return extras.missing("client", "To talk to chat apps") + "."
    else:
        wanted = needs.of_scripts(options.folder)
    lacking = python.lacks(wanted)
    if lacking and python.is_own:
        return needs.what_to_do(lacking)
    if lacking:
        return needs.what_another_lacks(python.path, python.why, lacking)
    return ""


def print_whatever_there_is() -> None:
    """Print an escape for what stdout cannot take, as an emoji in a pipe of Windows."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:  # what a test puts in its place may have none
        reconfigure(errors="backslashreplace")


def model_options(options: argparse.Namespace) -> ModelOptions:
    """What was typed for `add_models`."""
    return ModelOptions(
        url=options.model_url,
        name=options.model_name,
        key_env=options.model_key_env,
        timeout=options.model_timeout,
        parallel=options.model_parallel,
        allow=options.model_allow,
        models=options.model,
    )


def _call(options: argparse.Namespace) -> int:
    # Each command is loaded only when it is called: starting up is part of the wait.
    if options.command == "serve":
        from responses_emulator.commands.serve import serve

        return serve(
            host=options.host,
            port=options.port,
            delay=options.delay,
            deployments=options.deployment,
            wire=options.wire,
            log=options.log,
            record=options.record,
            faults=options.fault,
            replies=options.replies,
            rate_limit=options.rate_limit,
            token_limit=options.token_limit,
            lenient_history=options.lenient_history,
            journal=options.journal,
            models=model_options(options),
            mcp_allow=options.mcp_allow,
        )
    if options.command == "run":
        from responses_emulator.commands.run import run

        return run(
            options.script,
            options.arguments,
            python=options.python,
            delay=options.delay,
            wire=options.wire,
            record=options.record,
            faults=options.fault,
            replies=options.replies,
            rate_limit=options.rate_limit,
            token_limit=options.token_limit,
            lenient_history=options.lenient_history,
            deployments=options.deployment,
            models=model_options(options),
            mcp_allow=options.mcp_allow,
        )
    from responses_emulator.commands.tour import tour

    return tour(options.folder, python=options.python, record=options.record)


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, without the whole usage before it."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        message = message.removeprefix("argument ")
        message = re.sub(r"ignored explicit argument (.*)", r"it takes no \1", message)
        message = message.replace("--wire: it takes no", "--wire: it takes curl, not")
        message = message.replace("SCRIPT, ARGS", "SCRIPT")  # these may be none
        self.exit(2, f"{self.prog}: {message} (more: {self.prog} --help).\n")


def _parser() -> argparse.ArgumentParser:
    # No abbreviations: what is one today may stand for two options tomorrow.
    parser = _Parser(
        prog="responses-emulator",
        allow_abbrev=False,
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="store_true", help="print it, and end")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    run = commands.add_parser(
        "run",
        allow_abbrev=False,
        usage="responses-emulator run [--python PYTHON] [--wire | --wire=curl] "
        "[--record FILE] [--delay MS] [--fault FAULT] [--replies FILE] "
        "[--rate-limit RPM] [--token-limit TPM] [--lenient-history] "
        "[--deployment NAME[=MODEL]] [--model-url URL] [--model NAME=URL[#REMOTE]] "
        "[--mcp-allow HOST[:PORT]] "
        "SCRIPT [ARGS...]",
        help="run one script against an emulator of its own",
        description="Start an emulator, run a Python script against it, and stop the "
        "emulator when the script ends. The script finds every variable it needs set; "
        "a .env file does not win over them. Exits with the script's own status.",
    )
    _add_python(run, "the script")
    _add_wire(run)
    _add_record(run)
    _add_delay(run, default=20)
    _add_failures(run)
    _add_deployments(run, nargs=None)
    add_models(run)
    _add_mcp(run)
    run.add_argument(
        "script", metavar="SCRIPT", type=_not_empty, help="the Python file to run"
    )
    run.add_argument(
        "arguments",
        metavar="ARGS",
        nargs=argparse.REMAINDER,
        help="what follows the script is passed to it unchanged",
    )

    serve = commands.add_parser(
        "serve",
        allow_abbrev=False,
        help="serve until Ctrl-C, for any program that speaks the API",
        description="Serve until Ctrl-C. Prints the lines that a .env file needs for "
        "the samples to find the emulator. Everything is kept in memory only.",
    )
    serve.add_argument(
        "--host",
        type=_not_empty,
        default="127.0.0.1",
        help="the address to listen on (default: 127.0.0.1, this machine only)",
    )
    serve.add_argument(
        "--port",
        type=_port,
        default=8083,
        help="the port to listen on (default: 8083; 0 picks a free one)",
    )
    _add_deployments(serve, nargs="+")
    add_models(serve)
    _add_wire(serve)
    serve.add_argument(
        "--log",
        metavar="FILE",
        type=_not_empty,
        help="append a line for each request to FILE (`-`: print it): time, method, "
        "path, status, milliseconds; no query, no header, no body",
    )
    _add_record(serve)
    _add_delay(serve, default=0)
    _add_failures(serve)
    _add_mcp(serve)
    serve.add_argument(
        "--journal",
        action="store_true",
        help="keep the last 1,000 requests, for /emulator/requests and its verdict",
    )

    tour = commands.add_parser(
        "tour",
        allow_abbrev=False,
        help="run every sample of a folder against one emulator and report",
        description="Run every sample of a folder (responses-*.py) against one "
        "emulator, each in an empty folder, and close with a table. Exits with 1 if "
        "any sample fails.",
    )
    tour.add_argument(
        "folder",
        metavar="FOLDER",
        nargs="?",
        type=_file,
        default=Path("python"),
        help="where the samples are (default: python)",
    )
    _add_python(tour, "the samples")
    _add_record(tour)
    return parser


def _add_python(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument(
        "--python",
        metavar="PYTHON",
        help=f"the Python that runs {what} (default: that of the active environment, "
        "else of .venv in this folder, else python on the path, else the emulator's)",
    )


def _add_deployments(parser: argparse.ArgumentParser, nargs: str | None) -> None:
    # One at a time where a script follows, which would be taken for another name.
    parser.add_argument(
        "--deployment",
        metavar="NAME[=MODEL]",
        nargs=nargs,
        action="extend" if nargs else "append",
        default=[],
        help="more deployment names to answer to, besides the built-in ones, each "
        "with the model whose rules it has (default: the name if it is a model, or "
        "gpt-6-luna)",
    )


def add_models(parser: argparse.ArgumentParser) -> None:
    """The options that have real models answer."""
    models = parser.add_argument_group(
        "a real model", "any endpoint of the chat-completions kind answers instead"
    )
    models.add_argument(
        "--model-url",
        metavar="URL",
        help="where it is, as http://127.0.0.1:11434/v1 of Ollama",
    )
    models.add_argument(
        "--model-name",
        metavar="NAME",
        help="what it is called there (default: the first that URL/models lists)",
    )
    models.add_argument(
        "--model-key-env",
        metavar="VAR",
        help="the environment variable that holds its key",
    )
    models.add_argument(
        "--model-timeout",
        metavar="S",
        type=_seconds,
        default=120.0,
        help="for how many seconds it may be silent (default: 120)",
    )
    models.add_argument(
        "--model-parallel",
        metavar="N",
        type=_count,
        default=4,
        help="how many requests it takes at once; others wait (default: 4)",
    )
    models.add_argument(
        "--model-allow",
        metavar="HOST",
        action="append",
        default=[],
        help="another machine that it may be on; this one needs no leave",
    )
    models.add_argument(
        "--model",
        metavar="NAME=URL[#REMOTE]",
        action="append",
        default=[],
        help="another one for the deployment NAME, which is called REMOTE there; "
        "for several, repeat it",
    )


def _add_wire(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wire",
        action="store_const",
        const="text",
        help="print each HTTP request and reply to stderr, secrets masked",
    )
    # An option of its own: were its value optional, `--wire SCRIPT` would take SCRIPT.
    parser.add_argument(
        "--wire=curl",
        dest="wire",
        action="store_const",
        const="curl",
        help="print each request instead as a curl command that can be pasted",
    )


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=_file,
        help="append each exchange to FILE as one line of JSON, secrets masked",
    )


def _add_delay(parser: argparse.ArgumentParser, default: int) -> None:
    parser.add_argument(
        "--delay",
        metavar="MS",
        type=_milliseconds,
        default=default / 1000,
        help="pause before each event of a stream, in milliseconds, so that one can "
        f"watch the text appear (default: {default})",
    )


def _add_failures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fault",
        metavar="FAULT",
        action="append",
        default=[],
        help="have a fault hit the next request: NAME[:KEY=VALUE,...][@OPERATION], as "
        "rate-limited:times=2@responses.create; emulator/README.md lists them all",
    )

    parser.add_argument(
        "--replies",
        metavar="FILE",
        type=_file,
        help="answer with what FILE has for a question, and with the emulator's own "
        "answers where it has nothing; emulator/README.md says what it looks like",
    )

    for name, letters, what in (
        ("--rate-limit", "RPM", "requests for a response"),
        ("--token-limit", "TPM", "tokens"),
    ):
        parser.add_argument(
            name,
            metavar=letters,
            type=_count,
            help=f"take so many {what} a minute of each deployment, then answer 429",
        )

    parser.add_argument(
        "--lenient-history",
        action="store_true",
        help="read a history that was sent by hand where the service refuses it: with "
        "unknown keys, thoughts without what they led to, or an item twice",
    )


def _add_mcp(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mcp-allow",
        metavar="HOST[:PORT]",
        action="append",
        default=[],
        help="reach the MCP servers on HOST as well, besides those on this machine; "
        "may be given several times, and a private address has to be named itself",
    )


def _not_empty(text: str) -> str:
    """As it is: an empty text is mostly a variable that is not set."""
    if not text.strip():
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _file(text: str) -> Path:
    return Path(_not_empty(text))  # Path("") would be this folder


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not from above 0 to 86400")
    return value


def _milliseconds(text: str) -> float:
    """The number of seconds in a text that gives milliseconds."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 60_000:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 60000")
    return value / 1000


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 0 to 65535")
    return int(text)
