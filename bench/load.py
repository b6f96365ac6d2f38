"""Load: one keep-alive connection that asks again and again, timed from outside."""

from __future__ import annotations

import socket
import statistics
import time
from dataclasses import dataclass
from urllib.parse import quote

from bench.servers import Server


@dataclass(frozen=True)
class Sample:
    """One round: requests answered, seconds of the clock, seconds of the server's processors, p50 and p99 in ms."""

    requests: int
    seconds: float
    cpu: float
    p50: float
    p99: float

    @property
    def cpu_us(self) -> float:
        """Microseconds of server processor time a request."""
        return self.cpu / self.requests * 1e6


def ask(server: Server, paths: list[str], seconds: float) -> Sample:
    """Ask for the paths in turn for so many seconds. Raises on anything but 200."""
    wires = [_wire(path) for path in paths]
    times: list[float] = []
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        _exchange(connection, wires[0])
        before, start = server.cpu(), time.perf_counter()
        while (now := time.perf_counter()) - start < seconds:
            _exchange(connection, wires[len(times) % len(wires)])
            times.append(time.perf_counter() - now)
        spent, cpu = time.perf_counter() - start, server.cpu() - before
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Sample(len(times), spent, cpu, statistics.median(ordered) * 1e3, p99 * 1e3)


def _wire(path: str) -> bytes:
    return f"GET {quote(path, safe='/?=&[]%.,-_+')} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


def _exchange(connection: socket.socket, wire: bytes) -> int:
    connection.sendall(wire)
    received = b""
    while b"\r\n\r\n" not in received:
        received += _more(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(f"{wire.decode()} was answered with {head.decode()}")
    lines = head.lower().split(b"\r\n")
    length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length")), None)
    while len(body) < length if length is not None else not body.endswith(b"0\r\n\r\n"):
        body += _more(connection)
    return len(body)


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(262_144)
    if not part:
        raise SystemExit("The server closed the connection.")
    return part
