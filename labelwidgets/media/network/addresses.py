"""Which addresses belong to the public internet."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias

Address: TypeAlias = "IPv4Address | IPv6Address"

# RFC 6052: the last 32 bits are an address of IPv4, to which a gateway connects.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 8215: the same within one's own network.
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
# What a resolver of the C library reads as an address of IPv4, as it did in 1983: any of one to
# four numbers, decimal, octal or hexadecimal.
_NUMBER = r"(?:0[xX][0-9a-fA-F]*|[0-9]+)"
_NUMERIC = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{0,3}}\.?")


def is_public(address: str | Address) -> bool:
    """Say whether an address is one of a single machine on the public internet.

    An address that carries one of IPv4 inside (IPv4-mapped, NAT64 of RFC 6052, 6to4 of
    RFC 3056, Teredo of RFC 4380) is public only where that one is too. Loopback, private and
    shared networks (RFC 1918, RFC 6598, RFC 4193), link-local, unspecified, multicast,
    reserved and documentation addresses are not.

    Parameters
    ----------
    address
        An address, in the spelling that `ipaddress` knows; a zone (``%eth0``) is never public.
    """
    try:
        found = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(found, IPv6Address):
        if found.scope_id is not None or found in _LOCAL_NAT64:
            return False
        inner = _inside(found)
        if inner is not None:
            return all(is_public(each) for each in inner)
    return found.is_global and not (
        found.is_multicast or found.is_reserved or found.is_unspecified or found.is_loopback
    )


def literal(host: str) -> Address | None:
    """Return the address that a host of a URL is, None where it is a name.

    Raises
    ------
    ValueError
        If it is an address in an odd spelling (``0x7f.1``, ``2130706433``, ``127.1``,
        ``0177.0.0.1``, full-width digits), which readers of URLs take for different things.
    """
    bare = host.removeprefix("[").removesuffix("]")
    if ":" in bare:
        return ip_address(bare)
    if not host.isascii():
        # IDNA turns full-width digits and dots into plain ones.
        if _NUMERIC.fullmatch(host.encode("idna").decode()):
            raise ValueError(f"{host!r} is an address in an odd spelling")
        return None
    if _NUMERIC.fullmatch(host) is None:
        return None
    found = ip_address(host)
    if str(found) != host:
        raise ValueError(f"{host!r} is an address in an odd spelling")
    return found


def _inside(address: IPv6Address) -> tuple[Address, ...] | None:
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    # Deprecated, but stacks still know it: the last 32 bits of ::/96.
    if int(address) >> 32 == 0 and int(address) > 1:
        return (IPv4Address(int(address)),)
    return None
