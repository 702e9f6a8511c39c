"""`responses-emulator`, or `python -m responses_emulator`: see command_line.py.

Any Python can read this file, even one that is too old for all the others.
"""

import os
import sys
from contextlib import suppress

if sys.version_info < (3, 11):  # noqa: UP036 - whoever comes with an older one is told
    sys.exit(
        "The emulator needs Python 3.11 or newer; {} is {}.{}.".format(
            sys.executable, *sys.version_info
        )
    )

from responses_emulator.commands.command_line import main, print_whatever_there_is


def run():
    """Run the command that was typed, and end the process with its status."""
    print_whatever_there_is()
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # nobody reads, or it was closed before
            stream.flush()
    if status > 0x7FFFFFFF:  # Windows gives what ended a process as an unsigned number
        status -= 0x100000000
    os._exit(status)  # nothing is left to tidy up, and to look for it takes 50 ms


if __name__ == "__main__":
    run()
