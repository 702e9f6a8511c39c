"""What a whole run of the suite asks emulators, kept for the tests that come last."""

from collections.abc import Iterator

from responses_emulator.core import Emulator
from responses_emulator.faults import HEADER
from responses_emulator.http import Reply, Request
from responses_emulator.observe import Exchange, Observer, observe

# Tests of these modules ask for broken replies, or send what makes no sense.
WRONG_ON_PURPOSE = (
    "test_any_request.py",
    "test_fault_matrix.py",
    "test_faults.py",
    "test_nonsense.py",
)
LAST = "test_all_traffic.py"
WHOLE = "test_whole_run.py"  # judges a whole run, after the last

handle = Emulator.handle


class Traffic(Observer):
    """Keeps every exchange that was answered 2xx and read to its end."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.paused = False

    def ended(self, exchange: Exchange) -> None:
        reply = exchange.reply
        # A reply that was hit by a fault may be wrong on purpose.
        succeeded = reply and reply.status < 300 and HEADER not in reply.headers
        if succeeded and not exchange.broken and not self.paused:
            self.exchanges.append(exchange)

    def to_the_api(self) -> Iterator[Exchange]:
        """All but the requests for a token and those of the emulator's own pages."""
        for exchange in self.exchanges:
            if exchange.request.path.startswith("/openai/"):
                yield exchange

    def handle(self, emulator: Emulator, request: Request) -> Reply:
        """Stands in for `Emulator.handle`."""
        return observe(lambda request: handle(emulator, request), self)(request)
