"""The command line of `responses-emulator`: what may be typed, and what it calls."""

import argparse
import sys
from pathlib import Path

from responses_emulator.commands import needs

DESCRIPTION = """\
A local stand-in for the Responses API of Azure OpenAI: try the samples and your own
scripts without a subscription. No model runs here; answers are made up by rules.
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
    if options.command is None:
        parser.print_help()
        return 0
    lacking = needs.of_the_emulator()
    if options.command == "run":
        lacking += needs.of_a_script(Path(options.script))
    if options.command == "tour":
        lacking += needs.of_the_samples()
    try:
        if not lacking:
            return _call(options)
    except ModuleNotFoundError as error:
        # A package that is there without being whole, as one made for another Python.
        if not error.name or error.name.partition(".")[0] == "responses_emulator":
            raise
        lacking = [error.name]
    print(needs.what_to_do(lacking), file=sys.stderr)
    return 2


def print_whatever_there_is() -> None:
    """Print an escape for what stdout cannot take, as an emoji in a pipe of Windows."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure:  # what a test puts in its place may have none
        reconfigure(errors="backslashreplace")


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
            record=options.record,
            faults=options.fault,
            replies=options.replies,
            rate_limit=options.rate_limit,
            token_limit=options.token_limit,
            journal=options.journal,
        )
    if options.command == "run":
        from responses_emulator.commands.run import run

        return run(
            options.script,
            options.arguments,
            delay=options.delay,
            wire=options.wire,
            record=options.record,
            faults=options.fault,
            replies=options.replies,
            rate_limit=options.rate_limit,
            token_limit=options.token_limit,
        )
    from responses_emulator.commands.tour import tour

    return tour(record=options.record)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="responses-emulator",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    run = commands.add_parser(
        "run",
        usage="responses-emulator run [--wire] [--record FILE] [--delay MS] "
        "[--fault FAULT] [--replies FILE] [--rate-limit RPM] [--token-limit TPM] "
        "SCRIPT [ARGS...]",
        help="run one script against an emulator of its own",
        description="Start an emulator, run a Python script against it, and stop the "
        "emulator when the script ends. The script finds every variable it needs set; "
        "a .env file does not win over them. Exits with the script's own status.",
    )
    _add_wire(run)
    _add_record(run)
    _add_delay(run, default=20)
    _add_failures(run)
    run.add_argument("script", metavar="SCRIPT", help="the Python file to run")
    run.add_argument(
        "arguments",
        metavar="ARGS",
        nargs=argparse.REMAINDER,
        help="what follows the script is passed to it unchanged",
    )

    serve = commands.add_parser(
        "serve",
        help="serve until Ctrl-C, for any program that speaks the API",
        description="Serve until Ctrl-C. Prints the lines that a .env file needs for "
        "the samples to find the emulator. Everything is kept in memory only.",
    )
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="the address to listen on (default: 127.0.0.1, this machine only)",
    )
    serve.add_argument(
        "--port",
        type=_port,
        default=8083,
        help="the port to listen on (default: 8083; 0 picks a free one)",
    )
    serve.add_argument(
        "--deployment",
        metavar="NAME[=MODEL]",
        nargs="+",
        action="extend",
        default=[],
        help="more deployment names to answer to, besides the built-in ones, each "
        "with the model behind it (default: the name if it is a model, or gpt-6-luna)",
    )
    _add_wire(serve)
    _add_record(serve)
    _add_delay(serve, default=0)
    _add_failures(serve)
    serve.add_argument(
        "--journal",
        action="store_true",
        help="keep the last 1,000 requests, for /emulator/requests and its verdict",
    )

    tour = commands.add_parser(
        "tour",
        help="run every sample against one emulator and report",
        description="Run every sample in python/ against one emulator, each in an "
        "empty folder, and close with a table. Exits with 1 if any sample fails.",
    )
    _add_record(tour)
    return parser


def _add_wire(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wire",
        action="store_true",
        help="print each HTTP request and reply to stderr, secrets masked",
    )


def _add_record(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--record",
        metavar="FILE",
        type=Path,
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
        type=Path,
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


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 1e9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


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
