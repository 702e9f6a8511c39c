import random
import re
import uuid

from responses_emulator import ids


def test_ids_have_the_forms_of_the_service():
    assert re.fullmatch("resp_[0-9a-f]{48}", ids.new_id("resp"))
    assert re.fullmatch("call_[0-9A-Za-z]{24}", ids.short_id("call_"))
    assert re.fullmatch("file-[0-9a-f]{32}", ids.hex_id("file-"))
    assert re.fullmatch("assistant-[0-9A-Za-z]{22}", ids.short_id("assistant-", 22))
    for _ in range(100):
        made = uuid.UUID(ids.request_id())
        assert (made.version, made.variant) == (4, uuid.RFC_4122)
    variants = {ids.request_id()[19] for _ in range(300)}
    assert variants == set("89ab")


def test_no_id_comes_twice_however_an_application_seeds():
    makers = (ids.request_id, lambda: ids.new_id("a"), lambda: ids.short_id("a"))
    state = random.getstate()
    try:
        for make in makers:
            made = []
            for _ in range(100):
                random.seed(1)
                made.append(make())
            assert len(set(made)) == 100
    finally:
        random.setstate(state)
