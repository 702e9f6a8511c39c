"""The socket that a server listens on, and the address at which it is reached."""

import os
import socket
from typing import Any

import pytest

from responses_emulator.adapters.listener import base_url, listen


class Listener:
    """A socket that is bound to an address."""

    def __init__(self, *address: Any) -> None:
        self.address = address

    def getsockname(self) -> tuple[Any, ...]:
        return self.address


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (("127.0.0.1", 80), "http://127.0.0.1:80"),
        (("0.0.0.0", 80), "http://127.0.0.1:80"),
        (("10.0.0.7", 8083), "http://10.0.0.7:8083"),
        (("::1", 80, 0, 0), "http://[::1]:80"),
        (("::", 80, 0, 0), "http://[::1]:80"),
        (("2001:db8::1", 80, 0, 0), "http://[2001:db8::1]:80"),
    ],
)
def test_the_address_is_one_that_this_machine_reaches(
    address: tuple[Any, ...], url: str
) -> None:
    listener: Any = Listener(*address)
    assert base_url(listener) == url


def test_unless_told_it_is_a_free_port_of_this_machine_alone() -> None:
    with listen() as one, listen() as other:
        hosts, ports = zip(one.getsockname(), other.getsockname(), strict=True)
        assert hosts == ("127.0.0.1", "127.0.0.1")
        assert len({*ports}) == 2
        assert min(ports) > 1_023


@pytest.mark.skipif(os.name != "posix", reason="that means something else there")
def test_a_port_is_free_again_as_soon_as_its_server_has_ended() -> None:
    with listen() as listener:
        assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR)


def test_an_address_that_is_taken_is_closed_again() -> None:
    made: list[socket.socket] = []
    new = socket.socket

    class Kept(new):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    with listen() as taken, pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", Kept)
        with pytest.raises(OSError):
            listen("127.0.0.1", taken.getsockname()[1])
    [closed] = made
    assert closed.fileno() == -1
