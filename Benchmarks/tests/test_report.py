import unittest
import xml.etree.ElementTree as xml
from types import SimpleNamespace

from bench import budgets, chart, growth, instructions, profile, report
from bench.cases import items, token
from bench.extras import parse_strace
from bench.rounds import Series

STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.500000           5    100000           sendto
 40.00    0.400000           4    100010        10 recvfrom
------ ----------- ----------- --------- --------- ----------------
100.00    0.900000           4    200010        10 total
"""


def series(name, *cpu, rival="baton"):
    return Series(name, rival, cpu=list(cpu), rate=[1.0], p50=[1], p99=[2], p999=[3])


class ReportTests(unittest.TestCase):
    def test_calls_are_read_with_errors_and_without(self):
        self.assertEqual(parse_strace(STRACE), {"sendto": 100_000, "recvfrom": 100_010})

    def test_a_row_has_the_median_and_the_range(self):
        row = report.row(series("Baton", 5, 4, 9))
        self.assertIn("| Baton | 5.00 | 4.00 to 9.00 |", row)
        self.assertEqual(row.count("|"), report.HEAD.splitlines()[0].count("|"))

    def test_percentiles_that_wrk_does_not_have_are_left_blank(self):
        found = series("Baton", 5)
        found.p50, found.p99, found.p999 = [40], [0], [0]
        self.assertEqual(report.latencies(found), ["40", "", ""])

    def test_a_goal_is_met_or_missed_and_left_out_where_nobody_was_measured(self):
        case = SimpleNamespace(key="connections")
        ours, theirs = series("Baton, empty chain", 25), series("nginx, access log off", 20, rival="nginx")
        self.assertIn("1.25 | met |", budgets.section([(case, [ours, theirs])]))
        ours.cpu = [26]
        self.assertIn("1.30 | missed |", budgets.section([(case, [ours, theirs])]))
        self.assertEqual(budgets.section([(case, [ours])]), "")

    def test_what_one_more_costs_is_counted_from_the_first(self):
        rows = list(growth.rows([series("0", 10), series("4", 12)]))
        self.assertEqual(rows[1], "| 4 | 12.0 | 12.0 to 12.0 | 0.5000 |")


class ProfileTests(unittest.TestCase):
    def test_instructions_are_read_with_their_functions(self):
        text = "1,200 (100.0%)  PROGRAM TOTALS\n\n  900 (75.00%)  ???:swift_release [/lib/a.so]\n  300 (25.0%)  a.c:f [b]\n"
        self.assertEqual(instructions.parse(text), (1200, [(900, "swift_release [/lib/a.so]"), (300, "f [b]")]))

    def test_a_function_may_have_blanks_in_its_name(self):
        text = "# Overhead\n    12.50%  libswiftCore.so  [.] swift_release  \n  3.00%  BenchServer  [.] closure #1 in a()\n"
        self.assertEqual(profile.parse(text), [
            (12.5, "libswiftCore.so", "[.] swift_release"), (3.0, "BenchServer", "[.] closure #1 in a()"),
        ])


class ChartTests(unittest.TestCase):
    def test_a_chart_is_xml_with_a_bar_for_each_and_names_are_escaped(self):
        drawn = xml.fromstring(chart.bars("T", [("<A & B>", [("x", 1, 1, 2, True), ("y", 100, 90, 110, False)])]))
        self.assertEqual(len(drawn.findall("{*}rect")), 2)
        self.assertIn("<A & B>", [text.text for text in drawn.findall("{*}text")])

    def test_a_bar_far_longer_than_ours_is_broken_off(self):
        drawn = chart.bars("T", [("A", [("x", 1, 1, 1, True), ("y", 100, 90, 110, False)])])
        widths = [float(bar.get("width")) for bar in xml.fromstring(drawn).findall("{*}rect")]
        self.assertAlmostEqual(widths[1] / widths[0], 4, places=1)
        self.assertIn("…", drawn)

    def test_an_axis_is_logarithmic_only_where_it_must_be(self):
        self.assertTrue(chart.Axis([1, 10_000], 0, 1, limit=100).is_logarithmic)
        straight = chart.Axis([0, 32], 0, 100, limit=100)
        self.assertFalse(straight.is_logarithmic)
        self.assertEqual(straight(8), 25)

    def test_lines_stay_within_the_picture(self):
        drawn = xml.fromstring(chart.lines("T", [("A", "n", [(1, 5, 4, 6), (1000, 9, 8, 10)])] * 3))
        width, height = (float(value) for value in drawn.get("viewBox").split()[2:])
        for dot in drawn.findall("{*}circle"):
            self.assertTrue(0 < float(dot.get("cx")) < width and 0 < float(dot.get("cy")) < height)


class WorkTests(unittest.TestCase):
    def test_a_list_is_as_long_as_it_was_asked_for(self):
        self.assertTrue(3_900 < len(items(4096)) <= 4096)

    def test_a_token_has_three_parts(self):
        self.assertEqual(len(token("secret").split(".")), 3)
