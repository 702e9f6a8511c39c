"""Which other machines the emulator itself may reach, while it does."""

import threading

import pytest

from responses_emulator import outgoing


def test_what_may_be_reached_is_of_one_block() -> None:
    with outgoing.reaching("Models.example"):
        assert outgoing.may_reach(b"models.example")
        assert outgoing.may_reach("MODELS.example")
        assert not outgoing.may_reach("192.0.2.1")
        outgoing.found(["192.0.2.1"])
        assert outgoing.may_reach("192.0.2.1")
        assert outgoing.may_reach("models.example")
        with outgoing.reaching("other.example"):
            assert outgoing.may_reach("models.example")
        assert not outgoing.may_reach("other.example")
    assert not outgoing.may_reach("models.example")
    assert not outgoing.may_reach("192.0.2.1")


def test_what_may_be_reached_is_of_one_thread() -> None:
    seen: list[bool] = []
    with outgoing.reaching("models.example"):
        other = threading.Thread(
            target=lambda: seen.append(outgoing.may_reach("models.example"))
        )
        other.start()
        other.join()
    assert seen == [False]


def test_it_ends_with_a_failure_as_well() -> None:
    with pytest.raises(ZeroDivisionError), outgoing.reaching("models.example"):
        _ = 1 / 0
    assert not outgoing.may_reach("models.example")


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        *(("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True)),
        *(("::1", True), ("[::1]", True), ("::1%lo", True)),
        *(("::ffff:127.0.0.1", True), ("::ffff:10.0.0.1", False)),
        *(("10.0.0.1", False), ("0.0.0.0", False), ("::", False)),
        *(("models.example", False), ("", False)),
    ],
)
def test_what_is_this_machine(host: str, is_here: bool) -> None:
    assert outgoing.is_loopback(host) is is_here
