from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.media.network.addresses import is_public, literal

PUBLIC = ["8.8.8.8", "2606:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8", "2002:808:808::1"]
CLOSED = {
    "loopback": "127.0.0.1",
    "loopback further on": "127.255.1.2",
    "loopback of IPv6": "::1",
    "unspecified": "0.0.0.0",  # noqa: S104
    "this network": "0.1.2.3",
    "unspecified of IPv6": "::",
    "private 10": "10.0.0.1",
    "private 172": "172.16.0.1",
    "private 192": "192.168.1.1",
    "shared by carriers": "100.64.0.1",
    "link-local": "169.254.169.254",
    "link-local of IPv6": "fe80::1",
    "link-local with a zone": "fe80::1%eth0",
    "a zone on a public one": "2606:4700::1111%eth0",
    "unique local": "fd00:ec2::254",
    "documentation": "192.0.2.1",
    "benchmarks": "198.18.0.1",
    "multicast": "224.0.0.1",
    "multicast of IPv6": "ff02::1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "mapped": "::ffff:127.0.0.1",
    "mapped in hexadecimal": "::ffff:7f00:1",
    "compatible": "::127.0.0.1",
    "NAT64": "64:ff9b::7f00:1",
    "local NAT64": "64:ff9b:1::808:808",
    "6to4": "2002:7f00:1::",
    "6to4 of the metadata service": "2002:a9fe:a9fe::1",
    "Teredo to loopback": "2001:0:808:808:0:0:80ff:fffe",
    "Teredo from a private server": "2001:0:a00:1:0:0:f7f7:f7f7",
    "no address": "localhost",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("kind", CLOSED)
def test_all_others_are_not(kind: str) -> None:
    assert not is_public(CLOSED[kind])


@given(st.ip_addresses(v=4))
def test_what_carries_an_address_inside_is_as_public_as_that(inner: IPv4Address) -> None:
    number = int(inner)
    carriers = [0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80]
    assert {is_public(IPv6Address(each)) for each in carriers} == {is_public(inner)}


@pytest.mark.parametrize(
    "host",
    [
        "0x7f.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "127.0.0.01",
        "127.0.0.1.",
        "0x7f000001",
        "0",
        "１２７.0.0.1",  # noqa: RUF001 - full-width digits
        "127。0。0。1",
        "[fe80::%]",
        "256.1.1.1",
    ],
)
def test_odd_spellings_of_addresses_are_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        literal(host)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", IPv4Address("127.0.0.1")),
        ("[::1]", IPv6Address("::1")),
        ("::1", IPv6Address("::1")),
        ("example.org", None),
        ("1.example.org", None),
        ("0x7f.example", None),
        ("bücher.example", None),
        ("localhost", None),
    ],
)
def test_plain_spellings_are_read(host: str, address: object) -> None:
    assert literal(host) == address
