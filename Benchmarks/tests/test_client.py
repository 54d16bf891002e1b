import socket
import threading
import unittest

from bench.client import ask, connected, read_answer, request_of
from bench.load import Load
from bench.processes import Failed

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


class ClientTests(unittest.TestCase):
    def test_a_pipelined_load_asks_several_times_at_once(self):
        self.assertEqual(request_of(Load(pipelined=16), 80).count(b"GET /hello HTTP/1.1\r\n"), 16)

    def test_answers_that_come_in_pieces_are_told_apart(self):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.sendall(ANSWER + ANSWER[:-1])
            left = read_answer(ours, b"")
            theirs.sendall(ANSWER[-1:])
            self.assertEqual(read_answer(ours, left), b"")

    def test_a_refusal_or_an_end_is_a_failure(self):
        for answer in (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", ANSWER[:20]):
            ours, theirs = socket.socketpair()
            with ours:
                theirs.sendall(answer)
                theirs.close()
                with self.assertRaises(Failed):
                    read_answer(ours, b"")

    def test_every_answer_is_counted(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=serve, args=(listener, 2), daemon=True).start()
            port = listener.getsockname()[1]
            with connected(port, 2) as clients:
                self.assertEqual(ask(clients, Load(pipelined=3), port, rounds=4), 24)


def serve(listener, count):
    for connection in [listener.accept()[0] for _ in range(count)]:
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection):
    with connection:
        respond(connection)


def respond(connection):
    have = b""
    while data := connection.recv(65536):
        have += data
        whole = have.count(b"\r\n\r\n")
        have = have.rpartition(b"\r\n\r\n")[2] if whole else have
        connection.sendall(ANSWER * whole)
