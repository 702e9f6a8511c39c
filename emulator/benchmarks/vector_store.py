"""Measure a vector store of many files: print the table that README.md holds.

    python emulator/benchmarks/vector_store.py [--files 1000] [--kilobytes 10]

The emulator runs in this process, behind the SDK. The files are made of words that are
drawn as often as words of a language are (the second half as often as the first, the
third a third as often, ...), the same ones in every run. Time is the CPU time of this
process, in which nothing waits: that of the clock where nothing else runs.
"""

import argparse
import itertools
import os
import platform
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import httpx2  # noqa: E402
from openai import OpenAI  # noqa: E402

from responses_emulator.account import KEY  # noqa: E402
from responses_emulator.adapters.transport import Transport  # noqa: E402
from responses_emulator.core import Emulator  # noqa: E402

WORDS = 30_000
SEARCHES = 100
BATCH = 500  # the most that the service takes at once
LETTERS = "etaoinshrdlucmfwypvbgk"


def main() -> None:
    """Take the measurements and print them as one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kilobytes", type=int, default=10, help="of each file")
    options = parser.parse_args()
    files: int = options.files

    rng = random.Random(4)
    words = ["".join(rng.choices(LETTERS, k=rng.randint(2, 11))) for _ in range(WORDS)]
    weights = list(itertools.accumulate(1 / rank for rank in range(1, WORDS + 1)))
    texts = [text_of(options.kilobytes, words, weights, rng) for _ in range(files)]
    client = OpenAI(
        api_key=KEY,
        base_url="http://localhost/openai/v1",
        http_client=httpx2.Client(transport=Transport(Emulator().handle)),
    )

    def search(store_id: str, **settings: Any) -> float:
        query = " ".join(rng.choices(words, cum_weights=weights, k=6))
        started = time.process_time()
        client.vector_stores.search(store_id, query=query, **settings)
        return time.process_time() - started

    print(
        f"{platform.system()}, {os.cpu_count()} CPUs, Python {sys.version.split()[0]}; "
        f"{files:,} files of {options.kilobytes} KB\n"
    )
    print("| what | measured | target |")
    print("| --- | --- | --- |")

    started = time.process_time()
    ids = [
        client.files.create(file=(f"{number}.txt", text), purpose="assistants").id
        for number, text in enumerate(texts)
    ]
    print(f"| upload | {files / (time.process_time() - started):,.0f} files/s | |")
    # The SDK makes the classes of its answers when first needed: that is not counted.
    search(client.vector_stores.create().id)
    store = client.vector_stores.create()
    members: list[Any] = [
        {"file_id": id, "attributes": {"shelf": number % 10}}
        for number, id in enumerate(ids)
    ]
    started = time.process_time()
    for first in range(0, files, BATCH):
        some = members[first : first + BATCH]
        client.vector_stores.file_batches.create(store.id, files=some)
    rate = files / (time.process_time() - started)
    print(f"| ingest | {rate:,.0f} files/s | at least 200 files/s |")
    print(f"| first search | {search(store.id) * 1e3:,.1f} ms | at most 10 ms |")
    later = [search(store.id) for _ in range(SEARCHES)]
    print(f"| search | {spread(later)} | at most 10 ms |")
    filtered = [
        search(store.id, filters={"type": "eq", "key": "shelf", "value": number % 10})
        for number in range(SEARCHES)
    ]
    print(f"| search with a filter | {spread(filtered)} | at most 10 ms |")
    changed: list[float] = []
    for id in ids[:10]:
        client.vector_stores.files.delete(id, vector_store_id=store.id)
        changed.append(search(store.id))
    print(f"| search after a file has gone | {spread(changed)} | |")


def text_of(
    kilobytes: int, words: list[str], weights: list[float], rng: random.Random
) -> bytes:
    """A text of about so many kilobytes, in lines of ten words."""
    length, lines = 0, list[str]()
    while length < kilobytes * 1000:
        lines.append(" ".join(rng.choices(words, cum_weights=weights, k=10)))
        length += len(lines[-1]) + 1
    return "\n".join(lines).encode()


def spread(seconds: list[float]) -> str:
    """Milliseconds: median, and lowest to highest."""
    low, mid, high = min(seconds), statistics.median(seconds), max(seconds)
    return f"{mid * 1e3:,.1f} ({low * 1e3:,.1f} to {high * 1e3:,.1f}) ms"


if __name__ == "__main__":
    main()
