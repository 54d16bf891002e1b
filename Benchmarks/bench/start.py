"""Start and size: how long until the first answer, and what a process takes of memory, at first and after a million requests."""

import sys
import time

from . import machine, rivals
from .chart import figure
from .load import Load
from .processes import Failed
from .rivals import Contender, baton, hummingbird, nginx
from .rounds import median
from .run import Session, say

REQUESTS = 1_000_000
STARTS = 20
PROGRAMS = ["Swift", "nginx", "libevent", "wrk", "Hummingbird"]

PAGE = """\
# Start and size

{machine}

`make bench-start` has written this page. Ready is the time from starting the process, on one processor, until the first answer
to `GET /hello`: median of {starts} starts in turn, and their range. Resident memory is that of all processes of a server, after the
first answer, and then under the load of 64 connections; all but its own part are pages of the program's file and its libraries'.

| | ready after, ms | range | resident MiB at start | its own | resident after {steps} requests |
|---|---:|---:|---:|---:|---|
{rows}

The goals: ready within 100 ms, and under 16 MiB resident at start.

{size}
"""


def served(chain, name):
    """The file that `make dist` makes, with Baton's own settings and demo routes."""
    inner = baton(chain)

    def command(port, folder):
        config = inner.command(port, folder)[1]
        return [rivals.ROOT / "dist" / "baton", "serve", "--config", config]

    return Contender("baton", name, command)


def main():
    with Session() as session:
        missing = session.build(["nginx", "hummingbird"])
        contenders = [
            served("empty", "Baton, empty chain"), served("default", "Baton, default chain"), nginx("off"), hummingbird("empty"),
        ]
        contenders = [one for one in contenders if one.rival not in missing]
        ready = {one.name: starts for one, starts in zip(contenders, start_all(contenders, session))}
        lines = [row(one, ready[one.name], session) for one in contenders]
    session.write("start", PAGE.format(
        machine=machine.described(PROGRAMS), starts=STARTS, rows="\n".join(lines), size=size(),
        steps=", ".join(f"{number:,}" for number in steps()),
    ))


def start_all(contenders, session):
    """How long each start took, in milliseconds, for each contender."""
    found = [[] for _ in contenders]
    for _ in range(STARTS):
        for contender, starts in zip(contenders, found):
            with contender.start(session.site) as server:
                starts.append(server.ready_after * 1000)
    return found


def steps():
    return [REQUESTS // 10, REQUESTS // 2, REQUESTS]


def row(contender, starts, session):
    """A line of the table: starts once more, and asks for a million answers."""
    with contender.start(session.site) as server:
        time.sleep(0.2)
        resident, own = [server.resident()], server.resident("RssAnon") / 2**20
        done = 0
        for step in steps():
            while done < step:
                outcome = Load().run(server.port, session.client, 1)
                if not outcome.requests:
                    raise Failed(f"{contender.name} has stopped answering")
                done += outcome.requests
            resident.append(server.resident())
    first, *later = [f"{size / 2**20:.1f}" for size in resident]
    spread = f"{figure(min(starts))} to {figure(max(starts))}"
    text = f"| {contender.name} | {figure(median(starts))} | {spread} | {first} | {own:.1f} | {', '.join(later)} |"
    say(text)
    return text


def size():
    """What the file of `make dist` takes, and what it needs of the system."""
    file = rivals.ROOT / "dist" / "baton"
    needs = [line.split()[0] for line in rivals.output("ldd", file).splitlines() if ".so" in line]
    needs = [name for name in needs if name.startswith("lib")]
    return (
        f"`dist/baton`, with Swift's standard library and Foundation in it, has {file.stat().st_size / 2**20:.1f} MiB; of the "
        f"system it needs {', '.join(needs)}."
    )


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"bench: {error}")
