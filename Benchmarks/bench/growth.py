"""How the cost of a request grows: with connections, steps, header fields, routes, workers and bytes."""

import sys

from . import chart, machine
from .cases import Case
from .chart import figure
from .load import Load
from .rivals import baton
from .rounds import median
from .run import Session, chosen

PAGE = """\
# How the cost of a request grows

{machine}

`make bench-growth` has written this page. CPU time a request, in microseconds, of Baton alone: medians of {rounds} rounds of
{seconds} s in turn, and their range. The last column is what one more costs, counted from the first row: where it does not
rise, cost grows no faster than the work.

![CPU time a request](growth.svg)
"""


def point(x, load=None, **keys):
    contender = baton(name=str(x), **keys)
    contender.load = load
    return contender


def panels(folder):
    """What grows, the unit that the last column counts in, and a contender for each size."""
    yield Case(
        "connections", "Connections", "All of them are busy, with an empty chain.",
        [point(n, Load(connections=n, seconds=1 + n // 1000)) for n in (1, 10, 100, 1_000, 10_000)],
    )
    yield Case(
        "steps", "Steps in the chain", "Each does nothing but call the next.",
        [point(n, chain=f"[{', '.join(names(n))}]", more=steps(n)) for n in (0, 4, 8, 16, 24, 32)],
    )
    yield Case(
        "fields", "Header fields of the request", "Each has 40 bytes; nobody reads them.",
        [point(n, Load(headers=fields(n))) for n in (1, 16, 32, 48, 64, 96)],
    )
    yield Case(
        "routes", "Routes", "A route with a parameter, among others.",
        [point(n, Load(f"/r{n // 2}/abc"), routes=n) for n in (1, 10, 100, 1_000, 10_000)],
    )
    yield Case(
        "workers", "Workers of the pool", "A request that awaits one job.",
        [point(n, Load("/job"), workers=n) for n in (1, 4, 8, 16, 32)],
    )
    sizes = (1, 16, 64, 256, 1024, 4096)
    for kibibytes in sizes:
        (folder / f"{kibibytes}").write_bytes(b"x" * kibibytes * 1024)
    yield Case(
        "body", "KiB of the request's body", "The handler reads it as it arrives; 16 connections.",
        [point(n, Load("/upload", 16, post=str(folder / f"{n}"))) for n in sizes],
    )


def names(count):
    return [f"step-{number}" for number in range(count)]


def steps(count):
    return "\n".join(f"  {name}: {{ use: pass }}" for name in names(count))


def fields(count):
    # wrk sends Host itself.
    return tuple(f"x-field-{number:02}: {'v' * 25}" for number in range(count - 1))


def rows(found):
    points = [(int(series.name), series) for series in found if series.cpu]
    first, base = points[0]
    for x, series in points:
        more = f"{(median(series.cpu) - median(base.cpu)) / (x - first):.4f}" if x > first else ""
        spread = f"{figure(min(series.cpu))} to {figure(max(series.cpu))}"
        yield f"| {x:,} | {figure(median(series.cpu))} | {spread} | {more} |"


def page(results, rounds, seconds):
    parts = [PAGE.format(machine=machine.described(["Swift", "libevent", "wrk"]), rounds=rounds, seconds=seconds)]
    for case, found in results:
        head = f"| {case.title} | CPU us a request | range | one more, us |\n|---:|---:|---:|---:|"
        parts.append("\n".join([f"## {case.title}\n\n{case.text}\n", head, *rows(found), ""]))
        parts += [f"{series.name}: {series.failure}.\n" for series in found if series.failure]
    return "\n".join(parts)


def drawing(results):
    shown = [
        (case.title, case.text, [(int(s.name), median(s.cpu), min(s.cpu), max(s.cpu)) for s in found if s.cpu])
        for case, found in results
    ]
    return chart.lines("CPU microseconds a request", shown)


def main():
    with Session() as session:
        if "baton" in session.build(["baton"]):
            sys.exit("bench: Baton cannot be built")
        everything = {case.key: case for case in panels(session.site.folder)}
        keys = chosen("BENCH_CASES", list(everything))
        results = session.measure([everything[key] for key in keys])
    if len(keys) < len(everything):
        return
    session.write("growth", page(results, session.rounds, session.seconds), drawing(results))


if __name__ == "__main__":
    main()
