import unittest

from bench.load import Load, parse
from bench.processes import Failed

SAID = """\
Running 1s test @ http://127.0.0.1:8080/hello
  1 threads and 64 connections
bench requests=50000 us=1000000 p50=400 p99=900 p999=2000 refused=0 broken=1
"""


class LoadTests(unittest.TestCase):
    def test_what_wrk_tells_is_read_from_its_last_line(self):
        outcome = parse(SAID)
        self.assertEqual((outcome.requests, outcome.p999, outcome.broken), (50_000, 2_000, 1))
        self.assertEqual(outcome.rate, 50_000)

    def test_a_wrk_that_tells_nothing_is_a_failure_with_its_words(self):
        with self.assertRaisesRegex(Failed, "unable to connect"):
            parse("unable to connect to 127.0.0.1:1 Connection refused")

    def test_only_what_a_load_has_is_passed_on(self):
        plain = Load("/a", 8).command(80, 3)
        self.assertEqual(plain[plain.index("--") + 1:], [])
        full = Load(pipelined=16, post="f", type="text/plain", token="t", headers=("A: b",)).command(80, 3)
        self.assertEqual(set(full[full.index("--") + 1:]), {"pipelined=16", "post=f", "type=text/plain", "token=t"})
        self.assertEqual(full[full.index("-H") + 1], "A: b")
