import gc

from emulator.account import KEY
from emulator.core import Emulator
from emulator.http import Request
from emulator.store import Collection


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
