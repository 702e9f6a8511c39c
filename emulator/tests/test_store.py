import gc
from sys import getsizeof

import orjson

from responses_emulator.account import KEY
from responses_emulator.core import Emulator
from responses_emulator.http import Request
from responses_emulator.readers.passages import Passage
from responses_emulator.signals import Pause, Signal
from responses_emulator.store import (
    RECORD,
    BatchResult,
    Collection,
    ContainerFile,
    Conversation,
    FileBatch,
    Kept,
    StoredBatch,
    StoredContainer,
    StoredResponse,
    VectorStore,
    VectorStoreFile,
)
from responses_emulator.waiting import Log


def test_the_oldest_record_makes_room_for_the_newest():
    records = Collection[str](2)
    for name in "abc":
        records.put(name, name.upper())

    assert list(records) == ["B", "C"]
    assert records.get("a") is None


def test_a_record_that_must_stay_is_passed_over():
    records = Collection[str](2, may_go=lambda record: record != "A")
    for name in "abc":
        records.put(name, name.upper())

    assert list(records) == ["A", "C"]


def test_replacing_a_record_evicts_nothing():
    records = Collection[int](2)
    for name, value in (("a", 1), ("b", 2), ("a", 3)):
        records.put(name, value)

    assert (records.get("a"), records.get("b"), len(records)) == (3, 2, 2)


def test_a_record_can_be_taken_out_once():
    records = Collection[int](2)
    records.put("a", 1)

    assert (records.pop("a"), records.pop("a")) == (1, None)


def test_large_records_make_room_for_as_much_as_they_take():
    records = Collection[str](100, size=len, most=10)
    for name, text in (("a", "xxxx"), ("b", "xxxx"), ("a", "xx"), ("c", "xxxx")):
        records.put(name, text)
    assert [*records] == ["xx", "xxxx", "xxxx"] and records.held == 10
    records.put("d", "xxxxx")
    assert [*records] == ["xxxx", "xxxxx"] and records.held == 9
    records.put("e", "x" * 50)
    assert [*records] == ["x" * 50]  # the newest stays, whatever it takes
    records.pop("e")
    assert (len(records), records.held) == (0, 0)


def test_large_records_that_must_stay_are_passed_over():
    records = Collection[str](9, lambda text: "!" not in text, size=len, most=4)
    for name in ("a!", "bb", "cc", "d!!!"):
        records.put(name, name)
    assert [*records] == ["a!", "d!!!"]


def test_where_none_may_go_at_all_the_newest_comes_all_the_same():
    records = Collection[str](
        9, lambda _: False, last=lambda _: False, size=len, most=4
    )
    for name in ("aaa", "bbb"):
        records.put(name, name)
    assert [*records] == ["aaa", "bbb"]


def test_what_has_gone_is_not_weighed_again():
    records = Collection[str](9, size=len, most=4)
    records.put("a", "a")
    records.weigh_again("b")
    assert records.held == 1
    without_a_size = Collection[str](9)
    without_a_size.put("a", "a")
    without_a_size.weigh_again("a")
    assert without_a_size.held == 0


def test_what_is_stored_of_a_vector_store_counts():
    file = VectorStoreFile("assistant-0", "vs_0", 0, 800, 400, {})
    bare = file.size
    assert bare == RECORD + 64  # no attributes
    text = "b" * 2_000
    file.passages = [Passage("a.txt", 1, text)] * 3
    assert file.size == bare + 3 * (200 + getsizeof(text))
    file.passages = []
    file.attributes = {"author": "a" * 500}
    assert bare + 500 < file.size < bare + 1_000
    file.passages = [Passage("a.txt", 1, "b" * 2_000)]
    assert file.size > bare + 2_500
    batch = FileBatch("vsfb_0", "vs_0", 0, [])
    empty = batch.size
    batch.files = [file] * 10
    assert empty + 10 * RECORD <= batch.size < empty + file.size + 10 * RECORD


def test_a_file_has_failed_if_there_is_an_error_and_no_text():
    file = VectorStoreFile("assistant-0", "vs_0", 0, 800, 400, {})
    assert file.status == "completed"
    file.last_error = {"code": "invalid_file", "message": "Page 2 cannot be read."}
    assert file.status == "failed"
    file.usage_bytes = 10  # there is text all the same
    assert file.status == "completed"


def test_what_is_stored_of_a_batch_counts():
    batch = StoredBatch("batch_0", "/v1/responses", "file-0", 0.0, 1.0)
    bare = batch.size
    batch.metadata = {"about": "a" * 500}
    batch.errors = [{"message": "b" * 500}]
    assert bare + 1_000 < batch.size < bare + 2_000
    batch.results = [BatchResult(True, b"c" * 5_000, {})]
    assert batch.size > bare + 6_000


def test_large_requests_do_not_fill_the_memory():
    emulator = Emulator()
    emulator.store.responses.most = 100_000
    ids: list[str] = []
    for number in range(30):
        body = {"model": "gpt-5-mini", "input": f"{number} " + "a" * 10_000}
        request = Request(
            "POST", "/openai/v1/responses", {"api-key": KEY}, orjson.dumps(body)
        )
        reply = emulator.answer(request)
        assert isinstance(reply.body, bytes)
        ids.append(orjson.loads(reply.body)["id"])
    kept = [response.body["id"] for response in emulator.store.responses]
    assert kept == ids[-len(kept) :]
    assert 7 <= len(kept) <= 9


def test_large_conversations_do_not_fill_the_memory():
    emulator = Emulator()
    emulator.store.conversations.most = 100_000

    def send(path: str, **body: object) -> dict[str, str]:
        request = Request(
            "POST", f"/openai/v1{path}", {"api-key": KEY}, orjson.dumps(body)
        )
        reply = emulator.answer(request)
        assert isinstance(reply.body, bytes) and reply.status == 200
        return orjson.loads(reply.body)

    said = {"role": "user", "content": "a" * 20_000}
    ids = [send("/conversations", items=[said])["id"] for _ in range(4)]
    send(f"/conversations/{ids[3]}/items", items=[said])
    assert [each.id for each in emulator.store.conversations] == ids[1:]
    send("/responses", model="gpt-5.4-mini", conversation=ids[1], input="a" * 30_000)
    assert [each.id for each in emulator.store.conversations] == [ids[1], ids[3]]
    held = sum(each.size for each in emulator.store.conversations)
    assert held == emulator.store.conversations.held < 100_000


def test_every_collection_is_bounded():
    store = Emulator().store
    limits = {
        name: value.limit
        for name, value in vars(store).items()
        if isinstance(value, Collection)
    }
    assert limits == {
        "responses": 10_000,
        "conversations": 1_000,
        "item_owners": 50_000,
        "files": 10_000,
        "containers": 1_000,
        "skills": 1_000,
        "vector_stores": 1_000,
        "batches": 1_000,
        "kept": 10_000,
        "webhooks": 100,
    }
    assert store.responses.most == store.conversations.most == 512 * 2**20


def test_a_full_emulator_does_not_grow():
    emulator = Emulator()
    emulator.store.responses.limit, emulator.store.item_owners.limit = 20, 50
    headers = {"api-key": KEY}
    body = b'{"model":"gpt-5-mini","input":"Hello, number %d."}'

    def objects_after(creates: range) -> int:
        for number in creates:
            request = Request("POST", "/openai/v1/responses", headers, body % number)
            assert emulator.answer(request).status == 200
        gc.collect()
        return len(gc.get_objects())

    # By then it knows as many answers by heart as it ever will.
    before = objects_after(range(1_500))
    assert objects_after(range(1_500, 3_000)) - before < 20
    assert len(emulator.store.responses) == 20
    assert len(emulator.store.item_owners) == 50


def test_who_lets_go_of_a_response_stops_it_and_who_follows_it():
    stop, done, log = Signal(), Signal(), Log()
    followers = log.read()
    assert isinstance(next(followers), Pause)
    response = StoredResponse({"id": "resp_1"}, [], stop=stop, done=done, log=log)
    assert response.is_being_made
    response.size, response.followed_size = 100, 20
    assert response.takes == 120
    response.let_go()
    assert stop and done
    assert not response.is_being_made
    assert list(followers) == []
    StoredResponse({"id": "resp_2"}, []).let_go()  # nothing makes it


def test_what_is_coming_to_a_conversation_counts():
    conversation = Conversation("conv_1", 0, {"a": "b" * 100})
    bare = conversation.size
    assert 100 < bare < 500
    conversation.items.put("msg_1", {"id": "msg_1", "text": "c" * 1_000})
    with_item = conversation.size
    assert bare + 1_000 < with_item < bare + 1_500
    for number in range(2):
        coming = StoredResponse({"id": f"resp_{number}"}, [], size=5_000)
        conversation.pending.append(coming)
    assert conversation.size == with_item + 10_000


def test_a_file_that_is_not_indexed_any_more_holds_nothing():
    def file(state):
        made = VectorStoreFile("assistant-0", "vs_0", 0, 800, 400, {"a": "b"})
        made.passages, made.usage_bytes = [Passage("a.txt", 1, "b")], 10
        made.state, made.ready_at = state, 5.0
        return made

    gone = file("in_progress")
    gone.cancel()
    assert (gone.status, gone.passages, gone.usage_bytes) == ("cancelled", [], 0)
    assert gone.attributes == {"a": "b"}
    done = file("completed")
    done.cancel()  # too late
    assert (done.status, len(done.passages), done.usage_bytes) == ("completed", 1, 10)
    done.empty()
    assert (done.passages, done.attributes, done.usage_bytes) == ([], {}, 10)

    going = file("in_progress")
    going.settle(4.9)
    assert (going.status, going.is_done) == ("in_progress", False)
    going.settle(5.0)
    assert (going.status, going.is_done) == ("completed", True)
    gone.settle(9.0)
    assert gone.status == "cancelled"


def test_what_a_container_holds_are_its_files_and_what_programs_left():
    container = StoredContainer("cntr_1", 0, 0)
    assert (container.size, container.memory_limit) == (0, "1g")
    assert (container.name, container.idle_minutes) == ("auto", 20)
    container.session = b"a" * 10
    for name in "bc":
        file = ContainerFile(f"cfile_{name}", "cntr_1", name, "user", b"a" * 100, 0)
        container.files.put(file.id, file)
    assert container.size == 210


def test_what_a_connection_keeps_goes_with_what_made_room():
    records = Collection[StoredResponse](3)
    one, other = Kept(records), Kept(records)
    for number in range(3):
        one.put(f"resp_{number}", StoredResponse({"id": f"resp_{number}"}, []))
    assert other.get("resp_1") is None
    other.pop("resp_1")  # which is not its own
    assert one.get("resp_1") is not None
    other.put("resp_3", StoredResponse({"id": "resp_3"}, []))
    assert (one.get("resp_0"), one.removed, other.removed) == (None, 1, 1)
    one.pop("resp_1")
    assert (one.get("resp_1"), len(records)) == (None, 2)
    one.clear()
    assert [record.body["id"] for record in records] == ["resp_3"]


def test_what_is_not_there_neither_counts_nor_goes():
    records = Collection[str](2, size=len, most=10)
    records.put("a", "xxxx")
    records.pop("b")
    assert (len(records), records.held, records.removed) == (1, 4, 0)
    records.pop("a")
    records.pop("a")
    assert (len(records), records.held, records.removed) == (0, 0, 1)
    records.put_all(["a", "b"], "xx")
    assert (records.get("a"), records.get("b"), records.held) == ("xx", "xx", 4)
    records.clear()
    assert (len(records), records.held, records.removed) == (0, 0, 3)


def test_a_vector_store_takes_what_its_files_and_their_index_take():
    store = VectorStore("vs_1", "a" * 100, 0, 0, metadata={"b": "c" * 100})
    bare = store.size
    assert RECORD + 200 < bare < RECORD + 600
    file = VectorStoreFile("assistant-0", "vs_1", 0, 800, 400, {"d": "e" * 100})
    file.passages = [Passage("a.txt", 1, "zeppelin")]
    store.add(file)
    store.index.update([file.passages])
    assert store.size == bare + file.size + store.index.held
    assert store.index.held > 0
    batch = FileBatch("vsfb_1", "vs_1", 0, [file])
    store.batches.put(batch.id, batch)
    assert store.size == bare + file.size + store.index.held + batch.size

    store.add(file)  # the same once more
    assert file.passages
    again = VectorStoreFile("assistant-0", "vs_1", 0, 800, 400, {})
    store.add(again)
    assert (file.passages, len(store.files)) == ([], 1)
    store.remove("assistant-0")
    assert store.index.held == 0
    assert store.size == bare + batch.size
    store.remove("assistant-0")  # it has gone
    assert len(store.files) == 0
