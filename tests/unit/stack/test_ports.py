import socket
from pathlib import Path

from deploy.stack import ports


def _taken() -> socket.socket:
    taken = socket.create_server((ports.LOOPBACK, 0))
    assert not ports.is_free(taken.getsockname()[1])
    return taken


def test_ports_are_kept_while_they_are_free() -> None:
    first = ports.settle(("sql", "http"), {})
    assert len(set(first.values())) == 2
    assert all(port in ports.CANDIDATES for port in first.values())
    assert ports.settle(("sql", "http"), first) == first


def test_a_taken_port_is_given_up_and_no_other_moves() -> None:
    first = ports.settle(("sql", "http"), {})
    with _taken() as taken:
        port = taken.getsockname()[1]
        second = ports.settle(("sql", "http"), {**first, "sql": port})
    assert second["sql"] != port
    assert second["sql"] in ports.CANDIDATES
    assert second["http"] == first["http"]


def test_two_roles_never_share_a_port() -> None:
    port = ports.settle(("sql",), {})["sql"]
    assert len(set(ports.settle(("sql", "http"), {"sql": port, "http": port}).values())) == 2


def test_ports_lie_below_the_range_of_outgoing_connections() -> None:
    """Else a client's connection may hold a server's port while that is down."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert ports.CANDIDATES.stop <= lowest
