"""Which hosts the emulator reaches on its own, and where it dials them."""

import socket
from typing import Any

import pytest

from responses_emulator.hosts import Forbidden, Hosts

A_LABEL = "a" * 63


def test_this_machine_is_reached_by_each_of_its_names() -> None:
    hosts = Hosts()
    assert hosts.addresses("127.0.0.1", 80) == ["127.0.0.1"]
    assert hosts.addresses("[::1]", 80) == ["::1"]
    assert set(hosts.addresses("LocalHost.", 80)) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "host",
    ["example.com", "10.1.2.3", "169.254.169.254", "0.0.0.0", "127.1", "2130706433"],
)
def test_another_host_is_not_even_looked_up(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up(*_: Any, **__: Any) -> Any:
        raise AssertionError("It was looked up.")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(Forbidden, match=f"--mcp-allow {host}"):
        Hosts(["other.example", "10.1.2.4"]).addresses(host, 443)


def leading_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Have every name lead there; gives the names that are looked up."""
    asked: list[str] = []

    def look_up(host: str, port: int, **_: Any) -> Any:
        asked.append(host)
        return [(0, 0, 0, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.5", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "::", "fd00::1", "fe80::1", "::ffff:10.0.0.5"),
        *("64:ff9b::a00:5", "2002:a00:5::"),
    ],
)
def test_a_name_does_not_lead_to_a_private_address(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for found in ([address], ["93.184.216.34", address], ["127.0.0.1", address]):
        leading_to(monkeypatch, *found)
        with pytest.raises(Forbidden, match="no public address"):
            Hosts(["named.example"]).addresses("named.example", 443)
    named_itself = Hosts(["named.example", address])
    assert named_itself.addresses("named.example", 443)[-1] == address


def test_a_name_leads_to_the_open_internet_or_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = ["93.184.216.34", "2606:2800:220:1::1", "127.0.0.1"]
    leading_to(monkeypatch, *found)
    assert Hosts(["named.example"]).addresses("Named.Example", 80) == found
    assert Hosts(["named.example:80"]).addresses("named.example", 80) == found
    with pytest.raises(Forbidden):
        Hosts(["named.example:80"]).addresses("named.example", 443)


def test_an_address_is_dialled_once_however_often_it_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leading_to(monkeypatch, "93.184.216.35", "93.184.216.34", "93.184.216.35")
    found = Hosts(["named.example"]).addresses("named.example", 443)
    assert found == ["93.184.216.35", "93.184.216.34"]


@pytest.mark.parametrize(
    "address",
    [
        *("::ffff:93.184.216.34", "64:ff9b::5db8:d822", "2002:5db8:d822::1"),
        *("127.8.9.10", "::ffff:127.0.0.1"),
    ],
)
def test_an_address_of_ipv4_may_be_written_as_one_of_ipv6(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    leading_to(monkeypatch, address)
    assert Hosts(["named.example"]).addresses("named.example", 443) == [address]


@pytest.mark.parametrize("name", ["localhost", "app.localhost"])
def test_a_name_of_this_machine_leads_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    leading_to(monkeypatch, "93.184.216.34")
    with pytest.raises(Forbidden, match=r"93\.184\.216\.34, which is no public"):
        Hosts([name]).addresses(name, 443)
    assert Hosts(["93.184.216.34"]).addresses(name, 443) == ["93.184.216.34"]


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        *(("localhost", True), ("LOCALHOST.", True), ("a.b.localhost", True)),
        *(("localhost.example", False), ("notlocalhost", False), ("", False)),
        *(("127.0.0.1", True), ("127.255.0.9", True), ("128.0.0.1", False)),
        *(("::1", True), ("[::1]", True), ("::2", False)),
        *(("::ffff:127.0.0.1", True), ("::ffff:10.0.0.1", False)),
    ],
)
def test_what_is_this_machine_needs_no_leave(host: str, is_here: bool) -> None:
    if is_here:
        Hosts().check(host, 443)
        return
    with pytest.raises(Forbidden, match="no other host than this machine"):
        Hosts().check(host, 443)


@pytest.mark.parametrize(
    ("named", "host", "port"),
    [
        ("Learn.Example", "learn.example", 443),
        (" learn.example ", "LEARN.EXAMPLE.", 1),
        ("learn.example:1", "learn.example", 1),
        ("learn.example:65535", "learn.example", 65535),
        ("a_b-c.1.example", "a_b-c.1.example", 1),
        (f"{A_LABEL}.{A_LABEL}.example", f"{A_LABEL}.{A_LABEL}.example", 1),
        (
            "b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example",
            "xn--bcher-kva.example",
            1,
        ),
        ("10.0.0.7:8000", "10.0.0.7", 8000),
        ("fd00::7", "fd00:0::7", 9),
        ("[fd00::7]", "FD00::7", 9),
        ("[fd00::7]:8000", "[fd00::7]", 8000),
    ],
)
def test_a_host_is_named_in_any_spelling(named: str, host: str, port: int) -> None:
    hosts = Hosts(["other.example", named])
    hosts.check(host, port)
    has_port = named.rstrip("]").rpartition(":")[2] == str(port)
    assert hosts.names(host, port)
    assert hosts.names(host, port + 1) is not has_port
    assert not hosts.names(f"x{host}", port)


def test_a_sign_that_a_name_begins_with_belongs_to_it() -> None:
    hosts = Hosts(["_tools.example"])
    assert hosts.names("_tools.example", 443)
    assert not hosts.names("tools.example", 443)
    assert not Hosts(["tools.example"]).names("_tools.example", 443)


@pytest.mark.parametrize(
    "named",
    [
        *("", ":", ":80", "a:", "a:0", "a:65536", "a:-1", "a:1.5", "a:\u0661", "a:b"),
        *("http://a", "a/b", "a b", "a..b", ".a", "-a", "a-.b", "*", "a:1:2"),
        *(f"{A_LABEL}a.example", f"a.{A_LABEL}a", ".".join([A_LABEL] * 4)),
        *("[fd00::7]:0", "[fd00::7]:", "\N{LATIN SMALL LETTER U WITH DIAERESIS}" * 64),
    ],
)
def test_what_is_no_host_is_said_with_the_option_that_had_it(named: str) -> None:
    with pytest.raises(ValueError, match="expected HOST or HOST:PORT") as error:
        Hosts(["fine.example", named], option="--model-allow")
    assert str(error.value).startswith(f"--model-allow {named}: ")


def test_the_longest_name_has_253_letters() -> None:
    longest = ".".join([A_LABEL, A_LABEL, A_LABEL, "a" * 61])
    assert len(longest) == 253
    assert Hosts([longest]).names(longest, 1)
    with pytest.raises(ValueError, match="expected HOST"):
        Hosts([f"{longest}a"])


def test_who_may_not_is_told_what_would_allow_it() -> None:
    with pytest.raises(Forbidden, match=r"named: --model-allow tools\.example\.$"):
        Hosts(option="--model-allow").check("Tools.Example", 443)
