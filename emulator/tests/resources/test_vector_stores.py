import re
from typing import Any

import orjson
import pytest

from emulator.tests.readers import pdf_files
from emulator.tests.readers.pdf_files import page_of
from responses_emulator import core
from responses_emulator.account import KEY
from responses_emulator.http import Request
from responses_emulator.model.prompt.words import search_terms
from responses_emulator.readers import passages
from responses_emulator.resources import (
    files,
    indexing,
    vector_store_files,
    vector_stores,
)
from responses_emulator.routes import ROUTES
from responses_emulator.store import StoredFile

DAY = 86_400
VALUES = b"# Our values\nThe company stands for integrity and curiosity.\n"
LEAVE = b"# Leave\nEverybody has thirty days of annual leave.\n"


class Emulator(core.Emulator):
    """An emulator that is asked by handler, not by path."""

    def __init__(self) -> None:
        super().__init__(clock=lambda: self.now)
        self.now = 1_790_000_000.0

    def file(self, content: bytes = VALUES, name: str = "a.md") -> str:
        """Upload a file; its id."""
        id = f"assistant-{len(self.store.files)}"
        self.store.files.put(id, StoredFile(id, name, "assistants", content, 0))
        return id

    def ask(self, handler: Any, *ids: str, query: str, sent: Any) -> tuple[int, Any]:
        """The status and the JSON that a handler's route answers with."""
        [(method, template)] = [(m, t) for m, t, h in ROUTES if h is handler]
        path = re.sub(r"\{\w+\}", "{}", template).format(*ids)
        headers = {"api-key": KEY, "content-type": "application/json"}
        body = orjson.dumps(sent) if method == "POST" else b""
        request = Request(method, f"/openai/v1{path}{query}", headers, body)
        reply = self.handle(request)
        assert isinstance(reply.body, bytes)
        return reply.status, orjson.loads(reply.body)

    def call(self, handler: Any, *ids: str, query: str = "", **sent: Any) -> Any:
        """What a handler answers, as Python values."""
        status, answer = self.ask(handler, *ids, query=query, sent=sent)
        assert status == 200, answer
        return answer

    def refused(
        self, handler: Any, *ids: str, query: str = "", **sent: Any
    ) -> tuple[int, dict[str, Any]]:
        """The status and the error that a handler answers with."""
        status, answer = self.ask(handler, *ids, query=query, sent=sent)
        return status, answer["error"]

    def vector_store(self, *contents: bytes, **sent: Any) -> str:
        """Create a vector store with files of these contents; its id."""
        ids = [self.file(content) for content in contents]
        return self.call(vector_stores.create, file_ids=ids, **sent)["id"]


@pytest.fixture
def emulator() -> Emulator:
    return Emulator()


# Vector stores


def test_new_vector_store_is_complete_and_empty(emulator: Emulator):
    made = emulator.call(vector_stores.create, name="Handbook", metadata={"a": "b"})
    assert made.pop("id").startswith("vs_")
    assert made == {
        "object": "vector_store",
        "created_at": 1_790_000_000,
        "name": "Handbook",
        "usage_bytes": 0,
        "file_counts": {
            "in_progress": 0,
            "completed": 0,
            "failed": 0,
            "cancelled": 0,
            "total": 0,
        },
        "status": "completed",
        "expires_at": None,
        "last_active_at": 1_790_000_000,
        "metadata": {"a": "b"},
    }


def test_vector_store_counts_its_files_and_their_bytes(emulator: Emulator):
    ids = [emulator.file(VALUES), emulator.file(b"\0", "b.bin"), emulator.file(LEAVE)]
    made = emulator.call(vector_stores.create, file_ids=ids)
    assert made["file_counts"] == {
        "in_progress": 0,
        "completed": 2,
        "failed": 1,
        "cancelled": 0,
        "total": 3,
    }
    assert made["usage_bytes"] == len(VALUES.strip()) + len(LEAVE.strip())
    assert emulator.call(vector_stores.retrieve, made["id"]) == made


def test_update_changes_what_is_sent_and_nothing_else(emulator: Emulator):
    id = emulator.vector_store(name="Old", metadata={"a": "b"})
    changed = emulator.call(vector_stores.update, id, name="New")
    assert (changed["name"], changed["metadata"]) == ("New", {"a": "b"})
    changed = emulator.call(vector_stores.update, id, metadata=None)
    assert (changed["name"], changed["metadata"]) == ("New", {})


def test_deleting_a_vector_store_keeps_the_files(emulator: Emulator):
    id = emulator.vector_store(VALUES)
    assert emulator.call(vector_stores.delete, id) == {
        "id": id,
        "object": "vector_store.deleted",
        "deleted": True,
    }
    assert len(emulator.store.files) == 1
    for handler in (vector_stores.retrieve, vector_stores.delete, vector_stores.search):
        status, error = emulator.refused(handler, id)
        assert status == 404
        assert error["message"] == f"No vector store found with id '{id}'."


def test_list_is_paged_in_both_directions(emulator: Emulator):
    ids = [emulator.vector_store() for _ in range(4)][::-1]

    def listed(query: str) -> tuple[list[str], bool]:
        found = emulator.call(vector_stores.list_vector_stores, query=query)
        return [store["id"] for store in found["data"]], found["has_more"]

    assert listed("") == (ids, False)
    assert listed("?limit=3") == (ids[:3], True)
    assert listed(f"?after={ids[2]}") == (ids[3:], False)
    assert listed(f"?before={ids[3]}&limit=2") == (ids[1:3], True)
    assert listed(f"?after={ids[0]}&before={ids[3]}") == (ids[1:3], False)
    assert listed(f"?after={ids[2]}&before={ids[2]}") == ([], False)
    assert listed("?order=asc&limit=1") == (ids[3:], True)


def test_vector_store_expires_after_days_without_use(emulator: Emulator):
    expires = {"anchor": "last_active_at", "days": 1}
    id = emulator.vector_store(VALUES, expires_after=expires)
    made = emulator.call(vector_stores.retrieve, id)
    assert made["expires_after"] == expires
    assert made["expires_at"] == made["last_active_at"] + DAY
    emulator.now += DAY - 1
    search(emulator, id, "values")  # puts it off
    emulator.now += DAY - 1
    assert emulator.call(vector_stores.retrieve, id)["status"] == "completed"
    emulator.now += 1
    assert emulator.call(vector_stores.retrieve, id)["status"] == "expired"
    status, _ = emulator.ask(vector_stores.search, id, query="", sent={"query": "x"})
    assert status == 400


def test_full_emulator_refuses_another_vector_store(emulator: Emulator):
    emulator.store.vector_stores.limit = 1
    id = emulator.vector_store()
    assert emulator.refused(vector_stores.create)[0] == 400
    assert emulator.call(vector_stores.retrieve, id)


def test_too_much_text_is_refused_and_not_kept(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    id = emulator.vector_store(VALUES)
    [vector_store] = emulator.store.vector_stores
    monkeypatch.setattr(indexing, "MAX_INDEX_BYTES", vector_store.size + 10)
    handler = vector_store_files.create
    assert emulator.refused(handler, id, file_id=emulator.file(LEAVE))[0] == 400
    assert emulator.call(vector_stores.retrieve, id)["file_counts"]["total"] == 1


def test_words_count_that_only_an_index_holds(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    words = b" ".join(b"%x" % number for number in range(30_000))  # all different
    id = emulator.vector_store(VALUES)
    [vector_store] = emulator.store.vector_stores
    before = vector_store.size
    monkeypatch.setattr(indexing, "MAX_INDEX_BYTES", before + 4 * len(words))
    handler = vector_store_files.create
    assert emulator.refused(handler, id, file_id=emulator.file(words))[0] == 400
    sent = {"query": "integrity"}
    assert emulator.ask(vector_stores.search, id, query="", sent=sent)[1]["data"]
    assert vector_store.size == before


def test_where_there_is_room_for_a_file_it_is_taken(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    words = b" ".join(b"%x" % number for number in range(3_000))  # all different
    id = emulator.vector_store(words)
    [vector_store] = emulator.store.vector_stores
    monkeypatch.setattr(indexing, "MAX_INDEX_BYTES", vector_store.size + 20_000)
    handler = vector_store_files.create
    assert emulator.call(handler, id, file_id=emulator.file(VALUES))
    assert emulator.call(vector_stores.retrieve, id)["file_counts"]["completed"] == 2


def test_nothing_is_held_of_files_that_are_gone(emulator: Emulator):
    id = emulator.vector_store()
    [vector_store] = emulator.store.vector_stores
    empty = vector_store.size
    ids = [emulator.file(VALUES) for _ in range(3)]
    sent = [{"file_id": id, "attributes": {"a": "b" * 500}} for id in ids]
    handler = vector_store_files.create_batch
    batch = emulator.call(handler, id, files=sent)
    assert vector_store.size > empty + 3 * len(VALUES)
    emulator.call(vector_store_files.create, id, file_id=ids[0])  # indexed anew
    emulator.call(vector_store_files.delete, id, ids[0])
    for file_id in ids[1:]:
        emulator.call(files.delete, file_id)
    assert vector_store.size == empty + vector_store.batches.held
    assert vector_store.batches.held < 4_000
    [kept] = vector_store.batches
    assert not any(file.passages or file.attributes for file in kept.files)
    handler = vector_store_files.retrieve_batch
    counts = emulator.call(handler, id, batch["id"])["file_counts"]
    assert counts["completed"] == 3


def test_unknown_file_is_a_404_and_nothing_is_created(emulator: Emulator):
    status, error = emulator.refused(vector_stores.create, file_ids=["assistant-none"])
    assert (status, error["param"]) == (404, "file_ids")
    assert len(emulator.store.vector_stores) == 0


# Files of a vector store


def test_file_is_indexed_at_once(emulator: Emulator):
    id, file_id = emulator.vector_store(), emulator.file(VALUES)
    attributes = {"year": 2026, "draft": False, "kind": "handbook"}
    made = emulator.call(
        vector_store_files.create, id, file_id=file_id, attributes=attributes
    )
    assert made == {
        "id": file_id,
        "object": "vector_store.file",
        "usage_bytes": len(VALUES) - 1,
        "created_at": 1_790_000_000,
        "vector_store_id": id,
        "status": "completed",
        "last_error": None,
        "chunking_strategy": {
            "type": "static",
            "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
        },
        "attributes": attributes,
    }
    assert emulator.call(vector_store_files.retrieve, id, file_id) == made


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.png", b"\x89PNG\r\n\x1a\n", "unsupported_file"),
        ("a.pdf", b"%PDF-1.4 broken", "invalid_file"),
        ("a.txt", b" \n ", "invalid_file"),
        ("a.pdf", pdf_files.pdf([], []), "invalid_file"),
    ],
)
def test_file_that_cannot_be_read_fails_and_says_why(
    emulator: Emulator, name: str, content: bytes, code: str
):
    id, file_id = emulator.vector_store(), emulator.file(content, name)
    made = emulator.call(vector_store_files.create, id, file_id=file_id)
    assert (made["status"], made["usage_bytes"]) == ("failed", 0)
    assert made["last_error"]["code"] == code
    assert made["last_error"]["message"]


def test_chunking_strategy_decides_how_the_text_is_cut(emulator: Emulator):
    id = emulator.vector_store()
    file_id = emulator.file(b"Every value counts. " * 100)
    static = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 0}
    made = emulator.call(
        vector_store_files.create,
        id,
        file_id=file_id,
        chunking_strategy={"type": "static", "static": static},
    )
    assert made["chunking_strategy"]["static"] == static
    found = search(emulator, id, "value")
    assert len(found) == 5
    assert all(len(one["content"][0]["text"]) <= 400 for one in found)


def test_overlap_of_more_than_half_is_a_400(emulator: Emulator):
    static = {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51}
    status, error = emulator.refused(
        vector_store_files.create,
        emulator.vector_store(),
        file_id=emulator.file(),
        chunking_strategy={"type": "static", "static": static},
    )
    assert status == 400
    assert "chunk_overlap_tokens" in error["param"]


def test_files_can_be_listed_by_status(emulator: Emulator):
    id = emulator.vector_store(VALUES, b"\0")
    listed = emulator.call(vector_store_files.list_files, id, query="?filter=failed")
    assert [file["id"] for file in listed["data"]] == ["assistant-1"]
    listed = emulator.call(vector_store_files.list_files, id, query="?order=asc")
    assert [file["id"] for file in listed["data"]] == ["assistant-0", "assistant-1"]
    status, error = emulator.refused(
        vector_store_files.list_files, id, query="?filter=lost"
    )
    assert (status, error["param"]) == (400, "filter")


def test_attributes_can_be_replaced(emulator: Emulator):
    id = emulator.vector_store(VALUES)
    changed = emulator.call(
        vector_store_files.update, id, "assistant-0", attributes={"a": 1}
    )
    assert changed["attributes"] == {"a": 1}
    assert search(emulator, id, "values")[0]["attributes"] == {"a": 1}


def test_file_taken_out_of_a_vector_store_is_still_uploaded(emulator: Emulator):
    id = emulator.vector_store(VALUES)
    assert emulator.call(vector_store_files.delete, id, "assistant-0") == {
        "id": "assistant-0",
        "object": "vector_store.file.deleted",
        "deleted": True,
    }
    assert len(emulator.store.files) == 1
    assert search(emulator, id, "values") == []
    assert emulator.refused(vector_store_files.retrieve, id, "assistant-0")[0] == 404


def test_deleted_upload_is_in_no_vector_store(emulator: Emulator):
    id = emulator.vector_store(VALUES, LEAVE)
    emulator.call(files.delete, "assistant-0")
    assert emulator.call(vector_stores.retrieve, id)["file_counts"]["total"] == 1
    assert search(emulator, id, "values") == []


def test_content_is_the_text_page_by_page(emulator: Emulator):
    content = pdf_files.pdf(page_of("One."), page_of("Two."))
    id, file_id = emulator.vector_store(), emulator.file(content, "a.pdf")
    emulator.call(vector_store_files.create, id, file_id=file_id)
    assert emulator.call(vector_store_files.content, id, file_id) == {
        "object": "vector_store.file_content.page",
        "data": [{"type": "text", "text": "One."}, {"type": "text", "text": "Two."}],
        "has_more": False,
        "next_page": None,
    }


def test_content_of_a_failed_file_is_a_400(emulator: Emulator):
    id = emulator.vector_store(b"\0")
    assert emulator.refused(vector_store_files.content, id, "assistant-0")[0] == 400


# Batches


def test_batch_adds_its_files_and_counts_them(emulator: Emulator):
    id = emulator.vector_store()
    file_ids = [emulator.file(VALUES), emulator.file(b"\0"), emulator.file(LEAVE)]
    made = emulator.call(
        vector_store_files.create_batch,
        id,
        file_ids=[*file_ids, file_ids[0]],
        attributes={"a": 1},
    )
    assert made["object"] == "vector_store.files_batch"
    assert made["status"] == "completed"
    counts = made["file_counts"]
    assert (counts["completed"], counts["failed"], counts["total"]) == (2, 1, 3)
    for handler in (vector_store_files.retrieve_batch, vector_store_files.cancel_batch):
        assert emulator.call(handler, id, made["id"]) == made
    emulator.call(vector_store_files.delete, id, file_ids[2])
    listed = emulator.call(vector_store_files.list_batch_files, id, made["id"])
    assert [file["id"] for file in listed["data"]] == [file_ids[1], file_ids[0]]
    assert listed["data"][0]["attributes"] == {"a": 1}


def test_files_of_a_batch_may_differ(emulator: Emulator):
    id = emulator.vector_store()
    asked = [
        {"file_id": emulator.file(VALUES), "attributes": {"n": 1}},
        {"file_id": emulator.file(LEAVE)},
    ]
    emulator.call(vector_store_files.create_batch, id, files=asked)
    assert search(emulator, id, "values")[0]["attributes"] == {"n": 1}
    assert search(emulator, id, "leave")[0]["attributes"] == {}


def test_batch_without_files_or_unknown_batch_is_refused(emulator: Emulator):
    id = emulator.vector_store()
    assert emulator.refused(vector_store_files.create_batch, id)[0] == 400
    assert emulator.refused(vector_store_files.retrieve_batch, id, "vsfb_x")[0] == 404
    other = emulator.vector_store()
    batch = emulator.call(
        vector_store_files.create_batch, id, file_ids=[emulator.file()]
    )
    handler = vector_store_files.retrieve_batch
    assert emulator.refused(handler, other, batch["id"])[0] == 404


# Indexing that takes time


@pytest.fixture
def slow(emulator: Emulator) -> Emulator:
    """An emulator in which each file takes ten seconds."""
    emulator.world.indexing_seconds = 10
    return emulator


def states(emulator: Emulator, id: str, **sent: Any) -> dict[str, int]:
    """The counts of a vector store that are not 0."""
    counts = emulator.call(vector_stores.retrieve, id, **sent)["file_counts"]
    return {state: count for state, count in counts.items() if count}


def test_file_is_in_progress_until_its_time_has_come(slow: Emulator):
    id = slow.vector_store()
    file = slow.file()
    made = slow.call(vector_store_files.create, id, file_id=file)
    assert (made["status"], made["usage_bytes"]) == ("in_progress", 0)
    assert slow.call(vector_stores.retrieve, id)["status"] == "in_progress"
    assert slow.call(vector_stores.retrieve, id)["usage_bytes"] == 0
    assert search(slow, id, "values") == []
    assert slow.refused(vector_store_files.content, id, file)[0] == 400

    slow.now += 9.9
    assert slow.call(vector_store_files.retrieve, id, file) == made
    slow.now += 0.1
    done = slow.call(vector_store_files.retrieve, id, file)
    assert done["status"] == "completed"
    assert done["usage_bytes"] > 0
    assert slow.call(vector_stores.retrieve, id)["status"] == "completed"
    assert slow.call(vector_store_files.content, id, file)["data"]
    assert search(slow, id, "values")


def test_file_that_fails_does_not_say_so_before_its_time(slow: Emulator):
    id = slow.vector_store(b"\0")
    path = id, "assistant-0"
    file = slow.call(vector_store_files.retrieve, *path)
    assert (file["status"], file["last_error"]) == ("in_progress", None)
    slow.now += 10
    file = slow.call(vector_store_files.retrieve, *path)
    assert (file["status"], file["last_error"]["code"]) == ("failed", "invalid_file")


def test_vector_stores_in_a_list_go_by_the_clock_too(slow: Emulator):
    slow.vector_store(VALUES, LEAVE)
    for seconds, status in ((10, "in_progress"), (10, "completed")):
        slow.now += seconds
        [shown] = slow.call(vector_stores.list_vector_stores)["data"]
        assert shown["status"] == status


def test_files_of_a_batch_are_done_one_after_the_other(slow: Emulator):
    id = slow.vector_store()
    file_ids = [slow.file(VALUES), slow.file(LEAVE), slow.file(b"\0")]
    batch = slow.call(vector_store_files.create_batch, id, file_ids=file_ids)
    assert batch["status"] == "in_progress"
    seen: list[tuple[str, dict[str, int]]] = []
    for _ in file_ids:
        slow.now += 10
        batch = slow.call(vector_store_files.retrieve_batch, id, batch["id"])
        seen.append((batch["status"], states(slow, id)))
    assert seen == [
        ("in_progress", {"in_progress": 2, "completed": 1, "total": 3}),
        ("in_progress", {"in_progress": 1, "completed": 2, "total": 3}),
        ("completed", {"completed": 2, "failed": 1, "total": 3}),
    ]


def test_cancelled_batch_keeps_what_is_done_and_takes_up_nothing_more(slow: Emulator):
    id = slow.vector_store()
    file_ids = [slow.file(VALUES), slow.file(LEAVE), slow.file(b"\0")]
    batch = slow.call(vector_store_files.create_batch, id, file_ids=file_ids)
    slow.now += 10
    cancelled = slow.call(vector_store_files.cancel_batch, id, batch["id"])
    assert cancelled["status"] == "cancelled"
    slow.now += 100
    handler = vector_store_files.retrieve_batch
    assert slow.call(handler, id, batch["id"]) == cancelled
    assert states(slow, id) == {"completed": 1, "cancelled": 2, "total": 3}
    assert slow.call(vector_stores.retrieve, id)["status"] == "completed"
    for handler, ids in (
        (vector_store_files.list_files, (id,)),
        (vector_store_files.list_batch_files, (id, batch["id"])),
    ):
        for status, expected in (
            ("completed", file_ids[:1]),
            ("cancelled", file_ids[:0:-1]),
            ("failed", []),
            ("in_progress", []),
        ):
            listed = slow.call(handler, *ids, query=f"?filter={status}")
            assert [file["id"] for file in listed["data"]] == expected
    assert search(slow, id, "leave") == []
    assert search(slow, id, "values")
    assert slow.refused(vector_store_files.content, id, file_ids[1])[0] == 400

    slow.call(vector_store_files.create, id, file_id=file_ids[1])  # anew
    slow.now += 10
    assert search(slow, id, "leave")


def test_batch_ends_although_a_file_has_left_the_vector_store(slow: Emulator):
    id = slow.vector_store()
    batch = slow.call(vector_store_files.create_batch, id, file_ids=[slow.file()])
    slow.call(vector_store_files.delete, id, "assistant-0")
    slow.now += 10
    handler = vector_store_files.retrieve_batch
    assert slow.call(handler, id, batch["id"])["status"] == "completed"


# Search


def search(
    emulator: Emulator, id: str, query: Any, **sent: Any
) -> list[dict[str, Any]]:
    """The results of a search."""
    # `query` is the parameter's name here, and that of `call` for the URL's
    status, answer = emulator.ask(
        vector_stores.search, id, query="", sent={"query": query, **sent}
    )
    assert status == 200
    return answer["data"]


def test_search_gives_the_best_passage_first(emulator: Emulator):
    id = emulator.vector_store(LEAVE + b"The company closes in August.", VALUES)
    found = search(emulator, id, "What are the company values?")
    assert [one["file_id"] for one in found] == ["assistant-1", "assistant-0"]
    assert found[0] == {
        "file_id": "assistant-1",
        "filename": "a.md",
        "score": 1.0,
        "attributes": {},
        "content": [{"type": "text", "text": VALUES.decode().strip()}],
    }
    assert 0 < found[1]["score"] < 1


def test_words_are_read_when_a_file_is_added_not_when_one_searches(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
):
    one = emulator.vector_store(VALUES)
    two = emulator.vector_store()
    emulator.call(vector_store_files.create, two, file_id=emulator.file(VALUES))
    emulator.call(vector_store_files.create_batch, two, file_ids=[emulator.file(LEAVE)])
    read: list[str] = []

    def noted(text: str) -> list[str]:
        read.append(text)
        return search_terms(text)

    monkeypatch.setattr(passages, "search_terms", noted)
    for id in (one, two):
        assert search(emulator, id, "curiosity")
    assert read == ["curiosity", "curiosity"]


def test_search_takes_several_queries(emulator: Emulator):
    id = emulator.vector_store(LEAVE, VALUES, b"Nothing else.")
    found = search(emulator, id, ["annual leave", "values"])
    assert {one["file_id"] for one in found} == {"assistant-0", "assistant-1"}


def test_question_is_rewritten_if_asked_and_the_answer_shows_how(emulator: Emulator):
    id = emulator.vector_store(VALUES)
    shown: list[tuple[list[str], int]] = []
    for rewrite in (False, True):
        question = "Could you please tell me about our values?"
        sent = {"query": question, "rewrite_query": rewrite}
        _, page = emulator.ask(vector_stores.search, id, query="", sent=sent)
        shown.append((page["search_query"], len(page["data"])))
    assert shown == [
        (["Could you please tell me about our values?"], 1),
        (["our values"], 1),
    ]


def test_search_is_limited_by_number_and_score(emulator: Emulator):
    id = emulator.vector_store(*[b"value %d" % n for n in range(15)])
    assert len(search(emulator, id, "value")) == 10
    assert len(search(emulator, id, "value", max_num_results=3)) == 3
    options = {"score_threshold": 0.9}
    assert search(emulator, id, "value of blue moons", ranking_options=options) == []


@pytest.mark.parametrize("query", ["", "zebra", "the", "\u2603"])
def test_search_without_a_match_is_empty(emulator: Emulator, query: str):
    assert search(emulator, emulator.vector_store(VALUES), query) == []


def test_search_goes_through_several_stores_and_finds_a_file_once(emulator: Emulator):
    one, two = emulator.vector_store(VALUES), emulator.vector_store(LEAVE)
    emulator.call(vector_store_files.create, two, file_id="assistant-0")
    hits = vector_stores.search_stores(
        emulator.world,
        [one, two, one],
        ["values and leave"],
        10,
        None,
        0.0,
    )
    assert sorted(hit.file_id for hit in hits) == ["assistant-0", "assistant-1"]


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"type": "eq", "key": "year", "value": 2025}, "a"),
    ({"type": "ne", "key": "year", "value": 2025}, "bc"),
    ({"type": "gt", "key": "year", "value": 2025}, "b"),
    ({"type": "gte", "key": "year", "value": 2025}, "ab"),
    ({"type": "lt", "key": "year", "value": 2026.5}, "ab"),
    ({"type": "lte", "key": "year", "value": 2025}, "a"),
    ({"type": "in", "key": "kind", "value": ["x", "y"]}, "ab"),
    ({"type": "nin", "key": "kind", "value": ["x"]}, "bc"),
    ({"type": "eq", "key": "final", "value": True}, "a"),
    ({"type": "eq", "key": "final", "value": 1}, ""),
    ({"type": "gt", "key": "kind", "value": 5}, ""),
    ({"type": "eq", "key": "none", "value": "x"}, ""),
    ({"type": "and", "filters": []}, "abc"),
    ({"type": "or", "filters": []}, ""),
    (
        {
            "type": "or",
            "filters": [
                {"type": "eq", "key": "kind", "value": "y"},
                {
                    "type": "and",
                    "filters": [
                        {"type": "eq", "key": "year", "value": 2025},
                        {"type": "eq", "key": "kind", "value": "x"},
                    ],
                },
            ],
        },
        "ab",
    ),
]


@pytest.mark.parametrize(("filter", "passing"), FILTERS)
def test_filters_choose_by_attributes(
    emulator: Emulator, filter: dict[str, Any], passing: str
):
    id = emulator.vector_store()
    attributes: dict[str, dict[str, Any]] = {
        "a": {"year": 2025, "kind": "x", "final": True},
        "b": {"year": 2026, "kind": "y", "final": False},
        "c": {},
    }
    for name, values in attributes.items():
        file_id = emulator.file(VALUES, f"{name}.md")
        emulator.call(vector_store_files.create, id, file_id=file_id, attributes=values)
    found = search(emulator, id, "values", filters=filter)
    assert sorted(one["filename"][0] for one in found) == list(passing)


def deep(levels: int) -> dict[str, Any]:
    filter: dict[str, Any] = {"type": "eq", "key": "a", "value": 1}
    for _ in range(levels):
        filter = {"type": "and", "filters": [filter]}
    return filter


@pytest.mark.parametrize(
    ("filter", "param", "code"),
    [
        ({"type": "like", "key": "a", "value": "b"}, "filters.type", "invalid_value"),
        ({"type": "eq", "value": "b"}, "filters.key", "missing_required_parameter"),
        ({"type": "eq", "key": "a"}, "filters.value", "missing_required_parameter"),
        ({"type": "eq", "key": "a", "value": ["b"]}, "filters.value", "invalid_type"),
        ({"type": "in", "key": "a", "value": "b"}, "filters.value", "invalid_type"),
        ({"type": "and"}, "filters.filters", "missing_required_parameter"),
        ({"type": "and", "filters": ["a"]}, "filters.filters[0]", "invalid_type"),
        (
            {"type": "and", "filters": [{"type": "like", "key": "a", "value": 1}]},
            "filters.filters[0].type",
            "invalid_value",
        ),
        ({}, "filters.type", "missing_required_parameter"),
        (deep(100), None, "invalid_value"),
    ],
)
def test_malformed_filter_is_a_400_even_without_files(
    emulator: Emulator, filter: dict[str, Any], param: str | None, code: str
):
    id = emulator.vector_store()
    sent = {"query": "values", "filters": filter}
    status, told = emulator.ask(vector_stores.search, id, query="", sent=sent)
    assert status == 400
    assert (told["error"]["param"], told["error"]["code"]) == (param, code)


@pytest.mark.parametrize(("depth", "status"), [(20, 200), (21, 400)])
def test_filter_is_nested_at_most_20_levels(
    emulator: Emulator, depth: int, status: int
):
    id = emulator.vector_store()
    sent = {"query": "values", "filters": deep(depth)}
    assert emulator.ask(vector_stores.search, id, query="", sent=sent)[0] == status
