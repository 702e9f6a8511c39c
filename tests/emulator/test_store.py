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
