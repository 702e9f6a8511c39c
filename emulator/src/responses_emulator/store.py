"""What the emulator remembers: in memory, bounded, knowing nothing of HTTP."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from sys import getsizeof
from typing import Any, Generic, TypeVar

from responses_emulator.errors import ServiceError
from responses_emulator.model.context.history import History
from responses_emulator.programs.bundles import Bundle
from responses_emulator.readers.passages import Index, Passage
from responses_emulator.signals import Signal
from responses_emulator.sizes import size_of
from responses_emulator.waiting import Log

Record = TypeVar("Record")

MAX_RESPONSES = 10_000
MAX_KEPT_BYTES = 128 * 2**20  # of those that connections keep, together
MAX_RESPONSE_BYTES = 512 * 2**20  # of all of them together
MAX_FILES = 10_000
MAX_FILE_BYTES = 512 * 2**20  # of all files together
MAX_VECTOR_STORES = 1_000
MAX_BATCHES = 1_000  # of one vector store
MAX_INDEX_BYTES = 512 * 2**20  # of all vector stores together
MAX_BATCH_BYTES = 16 * 2**20  # of the file batches of one vector store
MAX_CONTAINERS = 1_000
MAX_CONVERSATIONS = 1_000
MAX_CONVERSATION_BYTES = 512 * 2**20  # of all of them together
MAX_CONVERSATION_ITEMS = 10_000  # of one conversation
MAX_ITEMS = 50_000  # that can be sent again by reference
MAX_RESPONSE_BATCHES = 1_000
MAX_RESPONSE_BATCH_BYTES = 256 * 2**20  # of the answers of all of them
LONGEST_ITEM_ID = 64  # characters of an id that is remembered, as in the contract
MAX_WEBHOOKS = 100
MAX_CONTAINER_FILES = 100  # of one container
MAX_BYTES_IN_CONTAINER = 64 * 2**20  # of one container
MAX_CONTAINER_BYTES = 256 * 2**20  # of all containers together
MAX_SKILLS = 1_000
MAX_SKILL_BYTES = 256 * 2**20  # of all versions of all skills together


RECORD, PASSAGE = 600, 200  # bytes, besides the texts


class Collection(Generic[Record]):
    """Records by id, oldest first. Past `limit` the oldest makes room for a new one."""

    def __init__(
        self,
        limit: int,
        may_go: Callable[[Record], bool] | None = None,
        *,
        last: Callable[[Record], bool] | None = None,
        size: Callable[[Record], int] | None = None,
        most: int = 0,
    ) -> None:
        """Hold at most `limit` records; one that `may_go` refuses is not evicted.

        Where all others have gone, those that `last` tells of may go, too.
        With a `size`, they are together no larger than `most`, but for the newest.
        """
        self.limit = limit
        self.may_go = may_go
        self.size = size
        self.most = most
        self.held = 0  # the size of all of them
        self.last = last
        self.lock = threading.RLock()
        self._weights: dict[str, int] = {}
        self.removed = 0  # how many records have gone so far
        self._records: OrderedDict[str, Record] = OrderedDict()

    def __len__(self) -> int:
        """How many records there are."""
        return len(self._records)

    def __iter__(self) -> Iterator[Record]:
        """The records, oldest first, as they are now."""
        with self.lock:
            return iter(list(self._records.values()))

    def get(self, id: str) -> Record | None:
        """The record with this id, or None."""
        return self._records.get(id)

    def put(self, id: str, record: Record) -> None:
        """Add or replace a record, making room first if the collection is full."""
        self.put_all((id,), record)

    def put_all(self, ids: Iterable[str], record: Record) -> None:
        """The same under several ids."""
        with self.lock:
            records = self._records
            for id in ids:
                if len(records) >= self.limit and id not in records:
                    self._evict()
                if self.size:
                    self._weigh(id, record, self.size)
                records[id] = record

    def _weigh(self, id: str, record: Record, size: Callable[[Record], int]) -> None:
        """Count a record that comes, and let others go until all are light enough."""
        weight = size(record)
        self.held += weight - self._weights.get(id, 0)
        self._weights[id] = weight
        while self.held > self.most and self._evict(but=id):
            pass

    def weigh_again(self, id: str) -> None:
        """Count what a record takes now."""
        with self.lock:
            record = self._records.get(id)
            if record is not None and self.size:
                self._weigh(id, record, self.size)

    def _evict(self, but: str = "") -> bool:
        """Let the oldest go that may; False: there is none."""
        for may_go in (self.may_go, self.last):
            for id, record in self._records.items():
                if id != but and (may_go is None or may_go(record)):
                    self.pop(id)
                    return True
            if self.last is None:
                return False
        return False

    def clear(self) -> None:
        """Remove all records."""
        with self.lock:
            for id in list(self._records):
                self.pop(id)

    def pop(self, id: str) -> Record | None:
        """Remove and return the record with this id, or None."""
        with self.lock:
            self.removed += id in self._records
            record = self._records.pop(id, None)
            self.held -= self._weights.pop(id, 0)
            return record


@dataclass
class StoredFile:
    """An uploaded file."""

    id: str
    filename: str
    purpose: str
    content: bytes
    created_at: int  # seconds since 1970
    expires_at: int | None = None


@dataclass(slots=True)
class StoredResponse:
    """A response and what is needed to go on from it."""

    body: dict[str, Any]  # the response object as it stands when complete
    input_items: list[dict[str, Any]]  # this request's input, each item with an id
    previous_id: str | None = None
    ready_at: float = 0.0  # background: the clock time at which it ends
    starts_at: float = 0.0  # background: the clock time at which it leaves the queue
    streamed: bool = False
    include: Sequence[str] = ()
    size: int = 0  # bytes that request and output take
    uncancelled: "StoredResponse | None" = None  # as it was going to be
    # background, while a model makes it: to stop that, and that it has come to its end.
    stop: Signal | None = None
    done: Signal | None = None
    log: Log[Any] | None = None  # background: what a model has made, to be followed
    followed_size: int = 0  # bytes that this takes
    queued: bool = False  # it waits for a model that has others before
    error: ServiceError | None = None  # what came of it instead of an answer
    told: bool = False  # background: whether webhook endpoints know that it has ended
    # Of all items up to its end, once it has been gone on from; and the number of
    # removals from the store at which every response before it was still there.
    history: History | None = None
    checked: int = -1

    @property
    def takes(self) -> int:
        """Bytes that it takes just now."""
        return self.size + self.followed_size

    @property
    def is_being_made(self) -> bool:
        """Whether, in the background, a model still makes it."""
        return self.done is not None and not self.done

    def let_go(self) -> None:
        """Have no more of it made: nobody waits for it."""
        if self.stop is not None:
            self.stop.set()
        if self.log is not None:
            self.log.end()
        if self.done is not None:
            self.done.set()

    def runs(self, now: float) -> bool:
        """Whether it is still being made, or not shown as done yet."""
        return now < self.ready_at or self.body["status"] == "in_progress"


class Kept:
    """Of the responses that are not stored, those of one connection."""

    def __init__(self, records: Collection[StoredResponse]) -> None:
        """None yet, among the `records` of all connections."""
        self._records = records
        self._own: dict[str, None] = {}

    @property
    def removed(self) -> int:
        """How many have gone, those of other connections among them."""
        return self._records.removed

    def get(self, id: str) -> StoredResponse | None:
        """The response with this id, or None."""
        return self._records.get(id) if id in self._own else None

    def put(self, id: str, response: StoredResponse) -> None:
        """Keep one; those that have made room for others are forgotten here as well."""
        self._records.put(id, response)
        self._own[id] = None
        while self._own and self.get(first := next(iter(self._own))) is None:
            del self._own[first]

    def pop(self, id: str) -> None:
        """Keep it no more."""
        if id in self._own:
            del self._own[id]
            self._records.pop(id)

    def clear(self) -> None:
        """Keep none."""
        for id in list(self._own):
            self.pop(id)


@dataclass
class VectorStoreFile:
    """A file in a vector store, cut into passages; a failed one has none."""

    id: str  # the uploaded file's
    vector_store_id: str
    created_at: int
    max_tokens: int  # of a passage
    overlap: int  # in tokens
    attributes: dict[str, str | float | bool]
    passages: list[Passage] = field(default_factory=list[Passage])
    usage_bytes: int = 0
    last_error: dict[str, str] | None = None  # `code` and `message`
    state: str = "completed"  # or in_progress, or cancelled
    ready_at: float = inf  # the clock time at which it is in progress no more

    @property
    def size(self) -> int:
        """The bytes that it takes; what it has in the index is counted there."""
        texts = sum(PASSAGE + getsizeof(passage.text) for passage in self.passages)
        return RECORD + texts + size_of(self.attributes)

    @property
    def status(self) -> str:
        """How far its indexing has come. What came of it shows when it is done.

        An error may be about some pages alone: then there is text all the same.
        """
        has_failed = self.last_error and not self.usage_bytes
        return "failed" if self.is_done and has_failed else self.state

    @property
    def is_done(self) -> bool:
        """Whether it has been indexed, or has failed."""
        return self.state == "completed"

    def settle(self, now: float) -> None:
        """Be done if the time has come."""
        if self.state == "in_progress" and self.ready_at <= now:
            self.state = "completed"

    def cancel(self) -> None:
        """Be indexed no more, if that is not done yet."""
        if self.state == "in_progress":
            self.state = "cancelled"
            self.passages, self.usage_bytes, self.last_error = [], 0, None

    def empty(self) -> None:
        """Hold nothing any more; batches still count it."""
        self.passages, self.attributes = [], {}


@dataclass
class FileBatch:
    """Files that were added to a vector store together."""

    id: str
    vector_store_id: str
    created_at: int
    files: list[VectorStoreFile]

    @property
    def size(self) -> int:
        """The bytes that it takes once its files have been removed."""
        return RECORD * (1 + len(self.files))


@dataclass
class VectorStore:
    """A collection of files to search in."""

    id: str
    name: str
    created_at: int
    last_active_at: int
    expires_days: int | None = None  # after it was last active
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    index: Index = field(default_factory=Index)
    files: Collection[VectorStoreFile] = field(
        default_factory=lambda: Collection[VectorStoreFile](
            MAX_FILES, size=lambda file: file.size, most=MAX_INDEX_BYTES
        )
    )
    batches: Collection[FileBatch] = field(
        default_factory=lambda: Collection[FileBatch](
            MAX_BATCHES, size=lambda batch: batch.size, most=MAX_BATCH_BYTES
        )
    )

    @property
    def size(self) -> int:
        """The bytes that it takes with all its files, and their index."""
        named = RECORD + size_of([self.name, self.metadata])
        return named + self.files.held + self.batches.held + self.index.held

    def add(self, file: VectorStoreFile) -> None:
        """Put a file in, in place of what it was before."""
        known = self.files.get(file.id)
        if known is not None and known is not file:
            known.empty()
        self.files.put(file.id, file)

    def remove(self, file_id: str) -> None:
        """Take a file out, with all that it holds."""
        file = self.files.pop(file_id)
        if file is not None:
            file.empty()
            self.index.keep(file.passages for file in self.files)


@dataclass(frozen=True)
class BatchResult:
    """The answer to one request of a batch."""

    succeeded: bool
    line: bytes  # of the output or error file
    usage: dict[str, Any]


@dataclass
class StoredBatch:
    """Requests that were sent in one file, and their answers."""

    id: str
    endpoint: str
    input_file_id: str
    created_at: float
    seconds: float  # from its creation until it is completed
    metadata: dict[str, str] | None = None
    output_lifetime: int | None = None  # seconds, of the files with the answers
    errors: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    model: str = ""
    total: int = 0  # of its requests
    results: list[BatchResult] = field(default_factory=list[BatchResult])
    # The clock time since when there have been all results: long ago, where they were
    # there at its creation; infinity, as long as some are not there.
    answered_at: float = 0.0
    cancelled_at: float | None = None
    written: bool = False  # whether its files have been made
    told: bool = False  # whether webhook endpoints know that it has ended
    output_file_id: str | None = None
    error_file_id: str | None = None

    @property
    def size(self) -> int:
        """The bytes that it takes."""
        lines = sum(RECORD + len(result.line) for result in self.results)
        return RECORD + lines + size_of([self.metadata, self.errors])


@dataclass
class WebhookEndpoint:
    """An address that is told of events."""

    id: str
    name: str
    url: str
    event_types: list[str]
    created_at: int


@dataclass(frozen=True)
class SkillVersion:
    """One upload of a skill; one that came within a request has no ids."""

    id: str
    skill_id: str
    number: int
    created_at: int
    bundle: Bundle


@dataclass
class StoredSkill:
    """A skill: there is always a version, and one of them is the default."""

    id: str
    created_at: int
    default: int = 1
    latest: int = 0  # the highest number that a version has had
    versions: dict[int, SkillVersion] = field(default_factory=dict[int, SkillVersion])


@dataclass
class ContainerFile:
    """A file in a container, put there by the caller or written by a program."""

    id: str
    container_id: str
    name: str  # its path under /mnt/data, of plain names; unique in its container
    source: str  # "user" or "assistant"
    content: bytes
    created_at: int


@dataclass
class StoredContainer:
    """A place where code interpreter and the hosted shell run."""

    id: str
    created_at: int
    last_active_at: int
    name: str = "auto"
    idle_minutes: int = 20  # after which the service lets it go
    memory_limit: str = "1g"
    skills: list[SkillVersion] = field(default_factory=list[SkillVersion])
    files: Collection[ContainerFile] = field(
        default_factory=lambda: Collection[ContainerFile](MAX_CONTAINER_FILES)
    )
    # What its programs have left: their variables and functions.
    session: bytes = b""
    # Who runs a program of code interpreter has it: each goes on from the one before.
    turn: threading.Lock = field(default_factory=threading.Lock)

    @property
    def size(self) -> int:
        """The bytes of its files, and of what its programs have left."""
        return len(self.session) + sum(len(file.content) for file in self.files)


@dataclass
class Conversation:
    """Items that responses share; `pending` will add theirs when they are ready."""

    id: str
    created_at: int
    metadata: dict[str, str]
    items: Collection[dict[str, Any]] = field(
        default_factory=lambda: Collection[dict[str, Any]](
            MAX_CONVERSATION_ITEMS, size=size_of, most=MAX_CONVERSATION_BYTES
        )
    )
    pending: list[StoredResponse] = field(default_factory=list[StoredResponse])
    running: StoredResponse | None = None  # what is being made of it just now
    history: History = field(default_factory=History)  # of its items
    checked: int = 0  # the number of removals from them that it takes account of

    @property
    def size(self) -> int:
        """The bytes that it takes, with what will be added to it."""
        coming = sum(response.size for response in self.pending)
        return size_of(self.metadata) + self.items.held + coming


@dataclass
class Store:
    """Everything of one emulator. A new store is an emulator that knows nothing."""

    clock: Callable[[], float] = time.time
    responses: Collection[StoredResponse] = field(init=False)
    # Those that are not stored, which one connection each goes on from.
    kept: Collection[StoredResponse] = field(
        default_factory=lambda: Collection[StoredResponse](
            MAX_RESPONSES, size=lambda each: each.takes, most=MAX_KEPT_BYTES
        )
    )
    conversations: Collection[Conversation] = field(
        default_factory=lambda: Collection[Conversation](
            MAX_CONVERSATIONS,
            size=lambda conversation: conversation.size,
            most=MAX_CONVERSATION_BYTES,
        )
    )
    # The response or conversation that an item, by its id, came with.
    item_owners: Collection[str] = field(
        default_factory=lambda: Collection[str](MAX_ITEMS)
    )
    files: Collection[StoredFile] = field(
        default_factory=lambda: Collection[StoredFile](MAX_FILES)
    )
    containers: Collection[StoredContainer] = field(
        default_factory=lambda: Collection[StoredContainer](MAX_CONTAINERS)
    )
    skills: Collection[StoredSkill] = field(
        default_factory=lambda: Collection[StoredSkill](MAX_SKILLS)
    )
    vector_stores: Collection[VectorStore] = field(
        default_factory=lambda: Collection[VectorStore](MAX_VECTOR_STORES)
    )
    batches: Collection[StoredBatch] = field(
        default_factory=lambda: Collection[StoredBatch](
            MAX_RESPONSE_BATCHES,
            size=lambda batch: batch.size,
            most=MAX_RESPONSE_BATCH_BYTES,
        )
    )
    webhooks: Collection[WebhookEndpoint] = field(
        default_factory=lambda: Collection[WebhookEndpoint](MAX_WEBHOOKS)
    )

    def __post_init__(self) -> None:
        """Keep the responses that are running, however old they are.

        What is asked of one must not know this store: they would know each other, and
        wait with all they hold for a full collection once the store is done with.
        """
        clock = self.clock
        self.responses = Collection[StoredResponse](
            MAX_RESPONSES,
            lambda response: not response.runs(clock()),
            # One in the background is read by nobody, or can be asked for again.
            last=lambda response: response.body["background"],
            size=lambda response: response.takes,
            most=MAX_RESPONSE_BYTES,
        )
