"""How does the suite make sure that nothing talks to another machine? Sockets here reach loopback and files only."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


class OutsideWorld(AssertionError):
    """Something under test tried to reach another machine."""


def is_loopback(host: object) -> bool:
    """Whether a host of a socket address stays on this machine."""
    name = host.decode() if isinstance(host, bytes) else str(host if host is not None else "")
    try:
        return ipaddress.ip_address(name.split("%")[0]).is_loopback
    except ValueError:
        return name in {"", "localhost", socket.gethostname()}


def _refuse_outside(family: int, address: Any) -> None:
    if family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
        raise OutsideWorld(f"the tests may not reach {address[0]!r}")


@contextmanager
def only_loopback() -> Iterator[None]:
    """Within the block, connecting, sending or looking up a name outside this machine fails the test."""
    real_connect, real_connect_ex, real_sendto = socket.socket.connect, socket.socket.connect_ex, socket.socket.sendto
    real_lookup = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self.family, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self.family, address)
        return real_connect_ex(self, address)

    def sendto(self: socket.socket, *arguments: Any) -> int:
        _refuse_outside(self.family, arguments[-1])
        return real_sendto(self, *arguments)

    def lookup(host: Any, *arguments: Any, **named: Any) -> Any:
        _refuse_outside(socket.AF_INET, (host,))
        return real_lookup(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        patch.setattr(socket.socket, "connect_ex", connect_ex)
        patch.setattr(socket.socket, "sendto", sendto)
        patch.setattr(socket, "getaddrinfo", lookup)
        yield
