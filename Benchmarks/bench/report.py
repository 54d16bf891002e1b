"""The report: tables in Markdown and a chart."""

import statistics

from . import budgets, chart, machine
from .chart import figure
from .rounds import median

HEAD = (
    "| | CPU us a request | range | requests a second | p50, us | p99, us | p99.9, us | resident MiB | system calls | allocations |\n"
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
)

INTRODUCTION = """\
# Baton beside its rivals

{machine}

`make bench` has written this page; [README.md](README.md) says how to read it, and what was asked of whom. Medians of {rounds}
rounds of {seconds} s in turn; the server on one processor, wrk on another.

![CPU time a request](http.svg)
"""


def document(results, missing, session):
    """The whole page: `results` are pairs of a case and its series, `missing` says why something is not there."""
    parts = [INTRODUCTION.format(machine=machine.described(), rounds=session.rounds, seconds=session.seconds)]
    if missing:
        parts.append("Left out: " + "; ".join(f"{name} ({reason})" for name, reason in missing.items()) + ".\n")
    parts.append(budgets.section(results))
    for case, found in results:
        parts.append(f"## {case.title}\n\n{case.text}\n\n{table(found)}\n")
        parts += [f"{series.name} has failed: {series.failure}.\n" for series in found if series.failure]
    return "\n".join(parts)


def table(found):
    return "\n".join([HEAD, *(row(series) for series in found if series.cpu)])


def row(series):
    cells = [
        series.name, figure(median(series.cpu)), f"{figure(min(series.cpu))} to {figure(max(series.cpu))}",
        f"{median(series.rate):,.0f}", *latencies(series),
        f"{series.resident / 2**20:.1f}", counted(series.syscalls), counted(series.allocations),
    ]
    return "| " + " | ".join(cells) + " |"


def latencies(series):
    """The percentiles; blanks where wrk has none, as of requests that are pipelined."""
    values = [statistics.median(found) for found in (series.p50, series.p99, series.p999)]
    return [f"{value:,.0f}" if value >= values[0] > 0 else "" for value in values]


def counted(value):
    return "" if value is None else f"{value:,.1f}" if value >= 100 else f"{value:.2f}"


def drawing(results):
    """The chart of all cases: CPU time a request."""
    panels = []
    for case, found in results:
        rows = [
            (series.name, median(series.cpu), min(series.cpu), max(series.cpu), series.rival == "baton")
            for series in found if series.cpu
        ]
        if rows:
            panels.append((case.title, sorted(rows, key=lambda row: row[1])))
    return chart.bars("CPU microseconds a request: shorter is better", panels)
