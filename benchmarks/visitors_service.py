"""The emulator for visitors.py: `visitors_service.py PORT` serves until it is ended.

It writes 50 events a second.
"""

import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from responses_emulator.adapters.app import App
from responses_emulator.adapters.listener import listen
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator

SECONDS = 0.02  # between two events of a stream


if __name__ == "__main__":
    with serving(App(Emulator(), delay=SECONDS), listen("127.0.0.1", int(sys.argv[1]))):
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
