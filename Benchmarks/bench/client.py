"""A client that knows how many answers it got: for counting, where wrk would count its connecting and leaving, too."""

import contextlib
import re
import socket
import time

from .processes import Failed


@contextlib.contextmanager
def connected(port, count):
    """So many connections to a server on this machine."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(socket.create_connection(("127.0.0.1", port), 30)) for _ in range(count)]


def request_of(load, port):
    """The bytes that ask once for this load; a pipelined one asks several times at once."""
    fields = [f"Host: 127.0.0.1:{port}", *load.headers]
    body = b""
    if load.token:
        fields.append(f"Authorization: Bearer {load.token}")
    if load.type:
        fields.append(f"Content-Type: {load.type}")
    if load.post:
        with open(load.post, "rb") as file:
            body = file.read()
        fields.append(f"Content-Length: {len(body)}")
    head = f"{'POST' if load.post else 'GET'} {load.path} HTTP/1.1\r\n" + "\r\n".join(fields) + "\r\n\r\n"
    return (head.encode() + body) * load.pipelined


def ask(clients, load, port, rounds=None, seconds=None):
    """Asks once on each connection and waits for all answers, so many times or for so long; returns the number of answers."""
    request, done, began = request_of(load, port), 0, time.monotonic()
    while done < rounds if rounds else time.monotonic() - began < seconds:
        for client in clients:
            client.sendall(request)
        for client in clients:
            left = b""
            for _ in range(load.pipelined):
                left = read_answer(client, left)
        done += 1
    return done * len(clients) * load.pipelined


def read_answer(client, have):
    """Reads one response with a Content-Length; returns what came behind it."""
    while b"\r\n\r\n" not in have:
        have += received(client)
    head, _, body = have.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
    if not head.startswith(b"HTTP/1.1 200") or not length:
        raise Failed(f"an answer that was not expected: {head[:200].decode(errors='replace')}")
    parts, missing = [body], int(length[1]) - len(body)
    while missing > 0:
        parts.append(received(client))
        missing -= len(parts[-1])
    return b"".join(parts)[int(length[1]):]


def received(client):
    data = client.recv(1 << 20)
    if not data:
        raise Failed("the server has closed a connection")
    return data
