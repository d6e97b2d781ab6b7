"""Is the suite itself cut off from other machines, and still free to talk to itself?"""

from __future__ import annotations

import asyncio
import socket
import urllib.request

import pytest

from tests.network import OutsideWorld

ELSEWHERE = ("192.0.2.1", 80)  # an address kept free for documentation


@pytest.mark.parametrize("family", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_socket_does_not_reach_another_machine(family: int) -> None:
    with socket.socket(socket.AF_INET, family) as outside:
        with pytest.raises(OutsideWorld):
            outside.connect(ELSEWHERE)
        with pytest.raises(OutsideWorld):
            outside.connect_ex(ELSEWHERE)
        with pytest.raises(OutsideWorld):
            outside.sendto(b"x", ELSEWHERE)


def test_names_of_other_machines_are_not_looked_up() -> None:
    with pytest.raises(OutsideWorld):
        socket.getaddrinfo("example.org", 80)
    with pytest.raises(OutsideWorld):
        urllib.request.urlopen("http://example.org/")


def test_asynchronous_connections_are_held_back_too() -> None:
    async def reach() -> None:
        await asyncio.open_connection(*ELSEWHERE)

    with pytest.raises(OutsideWorld):
        asyncio.run(reach())


def test_this_machine_is_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        peer, _ = server.accept()
        client.sendall(b"ok")
        assert peer.recv(2) == b"ok"
        peer.close()
