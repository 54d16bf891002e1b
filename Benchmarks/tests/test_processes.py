import os
import tempfile
import time
import unittest

from bench.processes import Failed, Server, cpu_of, family, free_port, parent_in, resident_of

ANSWERS = """
import http.server, os, sys
class Hello(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
    def log_message(self, *_): pass
if os.fork() == 0:
    import time; time.sleep(60)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Hello).serve_forever()
"""


class ProcessTests(unittest.TestCase):
    def test_a_process_name_may_have_brackets(self):
        self.assertEqual(parent_in("12 (a) b) (c) S 7 12 12 0 -1"), 7)

    def test_a_family_is_all_descendants(self):
        self.assertEqual(family(1, {2: 1, 3: 2, 4: 9, 1: 0}), [1, 2, 3])

    def test_the_clock_of_a_process_counts_what_it_does(self):
        before, began = cpu_of(os.getpid()), time.process_time()
        while time.process_time() - began < 0.05:
            pass
        self.assertGreaterEqual(cpu_of(os.getpid()) - before, 0.05)

    def test_a_process_that_is_gone_takes_nothing(self):
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
        self.assertEqual((cpu_of(child), resident_of(child)), (0.0, 0))

    def test_a_server_is_ready_and_ends_with_its_children(self):
        with tempfile.TemporaryDirectory() as folder:
            port = free_port()
            with Server(["python3", "-c", ANSWERS, port], port, "0", folder, "a server") as server:
                ids = server.ids
                self.assertEqual(len(ids), 2)
                self.assertGreater(server.resident(), 1 << 20)
            for pid in ids:
                self.assertFalse(runs(pid))

    def test_a_server_that_does_not_start_says_what_it_said(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaisesRegex(Failed, "no such thing"):
            Server(["sh", "-c", "echo no such thing; exit 1"], free_port(), "0", folder, "a server")


def runs(pid):
    """Whether a process is there, and not just its exit status."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
