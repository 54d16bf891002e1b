"""The goals of the design, each held against what was measured."""

from .cases import IDLE
from .chart import figure
from .rounds import median


class Measured:
    """The medians of a run, by case and contender."""

    def __init__(self, results):
        self.found = {(case.key, series.name): series for case, all_series in results for series in all_series}

    def cpu(self, case, name):
        series = self.found.get((case, name))
        return median(series.cpu) if series and series.cpu else None

    def of(self, case, name, field):
        series = self.found.get((case, name))
        return getattr(series, field) if series else None


# What, the goal as a share of the rival's CPU time a request, the case, ours, the rival.
SHARES = [
    ("plaintext, empty chain; no access log on either side", 1.25, "plaintext", "Baton, empty chain", "nginx, access log off"),
    ("plaintext, default chain without log", 1.25, "plaintext", "Baton, default chain without log", "nginx, access log off"),
    ("plaintext, default chain; access log on both sides", 1.25, "plaintext", "Baton, default chain", "nginx, access log on"),
    ("the same; both collect their lines", 1.25, "plaintext", "Baton, default chain", "nginx, access log buffered"),
    ("plaintext, default chain", 1 / 3, "plaintext", "Baton, default chain", "Hummingbird, same steps"),
    ("16 requests pipelined", 1 / 3, "pipelined", "Baton, empty chain", "nginx, access log off"),
    ("16 requests pipelined", 1 / 10, "pipelined", "Baton, empty chain", "Hummingbird"),
    ("a request that awaits one pool job", 1 / 2, "job", "Baton, empty chain", "Hummingbird, NIOThreadPool"),
    ("a new connection for each request", 1.25, "connections", "Baton, empty chain", "nginx, access log off"),
    ("a new connection for each request", 1 / 3, "connections", "Baton, empty chain", "Hummingbird"),
]

# What, the most there may be, the case, ours, the field, its unit.
BOUNDS = [
    ("system calls of a static reply", 2, "plaintext", "Baton, empty chain", "syscalls"),
    ("allocations of a static reply", 3, "plaintext", "Baton, empty chain", "allocations"),
]


def section(results):
    """The goals as a section in Markdown; those that nothing was measured for are left out."""
    measured = Measured(results)
    lines = []
    for what, share, case, ours, theirs in SHARES:
        mine, other = measured.cpu(case, ours), measured.cpu(case, theirs)
        if mine and other:
            goal = f"{share:.2f} of {theirs}"
            lines.append(line(what, goal, f"{figure(mine)} us to {figure(other)} us: {mine / other:.2f}", mine / other <= share))
    for what, bound, case, ours, field in BOUNDS:
        value = measured.of(case, ours, field)
        if value is not None:
            # Some hundredths are those of epoll_wait, which serves many connections at once.
            lines.append(line(what, f"at most {bound}", f"{value:.2f}", round(value, 1) <= bound))
    beside, alone = (measured.of(case, "Baton, empty chain", "resident") for case in ("idle", "plaintext"))
    if beside and alone:
        each = (beside - alone) / IDLE
        lines.append(line("memory of an idle connection", "under 2048 bytes", f"{each:,.0f} bytes", each < 2048))
    if not lines:
        return ""
    return "\n".join(["## The goals", "", "| what | goal | measured | |", "|---|---|---|---|", *lines, ""])


def line(what, goal, measured, is_met):
    return f"| {what} | {goal} | {measured} | {'met' if is_met else 'missed'} |"
