"""The names that a client may know this host by.

A page of any site can have its own name lead to this machine once it is open in a browser, which
then takes what is served here for that site's (DNS rebinding). The ``Host`` header tells: it has
the site's name. An address in it was asked for as such.
"""

import ipaddress
from collections.abc import Collection

_HERE = "localhost"


def is_known(host: str, allowed: Collection[str]) -> bool:
    """Return whether a ``Host`` header names this machine.

    Args:
        host: the header's value, with or without a port.
        allowed: further names, as `normalized` has them.
    """
    name = normalized(host)
    return name == _HERE or name.endswith(f".{_HERE}") or name in allowed or _is_address(name)


def normalized(host: str) -> str:
    """Return a host's name or address alone, in lower case, without a port or brackets."""
    text = host.strip(" \t").lower()
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address if not port or port.startswith(":") else text
    return text if text.count(":") > 1 else text.partition(":")[0].removesuffix(".")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens at a host."""
    name = normalized(host)
    if _is_address(name):
        return ipaddress.ip_address(name).is_loopback
    return name == _HERE or name.endswith(f".{_HERE}")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
