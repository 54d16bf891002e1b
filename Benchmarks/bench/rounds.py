"""Runs a case: all of its servers at once, idle but for the one whose turn it is, several rounds in turn."""

import contextlib
import statistics
from dataclasses import dataclass, field

from .load import Outcome
from .processes import Failed, idle_connections


@dataclass
class Series:
    """The figures of one contender at one case, a value for each round."""

    name: str
    rival: str
    cpu: list = field(default_factory=list)  # microseconds a request
    rate: list = field(default_factory=list)
    p50: list = field(default_factory=list)
    p99: list = field(default_factory=list)
    p999: list = field(default_factory=list)
    resident: int = 0
    syscalls: float | None = None
    calls: dict = field(default_factory=dict)
    allocations: float | None = None
    failure: str = ""

    def add(self, turn):
        self.cpu.append(turn.cpu)
        self.rate.append(turn.outcome.rate)
        self.p50.append(turn.outcome.p50)
        self.p99.append(turn.outcome.p99)
        self.p999.append(turn.outcome.p999)
        self.resident = turn.resident


def median(values):
    return statistics.median(values) if values else None


def measure(server, load, idle, processor, seconds):
    """One turn: the load, and the processor time that the server took for it, in microseconds a request."""
    with idle_connections(server.port, idle):
        before = server.cpu()
        outcome = load.run(server.port, processor, seconds)
        spent = server.cpu() - before
        resident = server.resident()
    if not outcome.is_whole(load):
        raise Failed(f"{outcome.requests} answers, {outcome.refused} of them refusals, {outcome.broken} broken off")
    return Turn(spent * 1e6 / outcome.requests, outcome, resident)


@dataclass
class Turn:
    """What one turn came to."""

    cpu: float
    outcome: Outcome
    resident: int


def run_case(case, site, client, rounds, seconds, tell):
    """Measures all contenders of a case; one that fails is left out of what follows, and says why."""
    found = [Series(contender.name, contender.rival) for contender in case.contenders]
    with contextlib.ExitStack() as stack:
        servers = []
        for contender, series in zip(case.contenders, found):
            try:
                servers.append(stack.enter_context(contender.start(site)))
            except (Failed, OSError) as error:
                servers.append(None)
                series.failure = str(error)
        # The first round warms up, and is not counted.
        for number in range(rounds + 1):
            for contender, server, series in zip(case.contenders, servers, found):
                if series.failure:
                    continue
                load = contender.load or case.load
                try:
                    turn = measure(server, load, case.idle, client, seconds if number else 1)
                except (Failed, OSError) as error:
                    series.failure = str(error)
                    continue
                if number > 0:
                    series.add(turn)
                    tell(f"  round {number}  {series.name:36} {turn.cpu:8.2f} us  {turn.outcome.rate:8.0f}/s")
    return found
