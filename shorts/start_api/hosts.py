"""The names that a client may use for this host.

An open page of any site can point the site's name to this machine; the browser then takes what is
served here for the site's (DNS rebinding). The ``Host`` header shows it: it has the site's name. An
address in that header was requested as such.
"""

import ipaddress
from collections.abc import Collection

_HERE = "localhost"


def is_known(host: str, allowed: Collection[str]) -> bool:
    """Return whether a ``Host`` header names this machine.

    Args:
        host: the header's value, with or without a port.
        allowed: further names, as `normalized` returns them.
    """
    name = normalized(host)
    return name == _HERE or name.endswith(f".{_HERE}") or name in allowed or _is_address(name)


def normalized(host: str) -> str:
    """Return a host's name or address in lower case, without a port or brackets."""
    text = host.strip(" \t").lower()
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        return address if not port or port.startswith(":") else text
    return text if text.count(":") > 1 else text.partition(":")[0].removesuffix(".")


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach what listens on a host."""
    name = normalized(host)
    if _is_address(name):
        return ipaddress.ip_address(name).is_loopback
    return name == _HERE or name.endswith(f".{_HERE}")


def warning(host: str) -> str:
    """Return a warning of a host that others can reach."""
    return (
        f"warning: {host} can be reached from other machines, which can run these functions; only "
        "this one can reach 127.0.0.1"
    )


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
