"""Where the processor time of a request goes, function by function, as perf samples it."""

import os
import re
import shutil
import subprocess
import sys

from . import rivals
from .cases import all_cases
from .processes import Failed
from .run import Session, chosen, say

LINES = int(os.environ.get("BENCH_LINES") or 40)
SECONDS = 3


def main():
    if not shutil.which("perf"):
        sys.exit("bench: perf is missing (apt-get install linux-perf)")
    with Session() as session:
        cases = {case.key: case for case in all_cases(session.site.folder)}
        session.build(["baton"])
        for key in chosen("BENCH_CASES", list(cases)):
            for contender in cases[key].contenders:
                if contender.rival == "baton":
                    say(f"\n## {cases[key].title}, {contender.name}\n\n{profile(contender, cases[key].load, session)}")


def profile(contender, load, session):
    """The functions that took most, each with its share and its microseconds a request."""
    data = session.site.folder / "perf.data"
    with contender.start(session.site) as server:
        load.run(server.port, session.client, 1)
        # Not by cycles, which virtual machines seldom count.
        record = ["perf", "record", "-q", "-e", "cpu-clock", "-F", "4000", "-o", str(data), "-p", str(server.process.pid)]
        recorder = subprocess.Popen([*record, "--", "sleep", str(SECONDS - 1)], stderr=subprocess.PIPE, text=True)
        before = server.cpu()
        outcome = load.run(server.port, session.client, SECONDS)
        spent = (server.cpu() - before) * 1e6 / outcome.requests
        if recorder.wait() != 0:
            raise Failed(f"perf has failed: {recorder.stderr.read().strip()}")
    text = rivals.output("perf", "report", "-i", data, "--stdio", "--no-children", "--sort", "dso,symbol")
    done = subprocess.run([rivals.SWIFT, "demangle", "--simplified"], input=text, capture_output=True, text=True)
    rows = parse(done.stdout or text)
    kernel = sum(share for share, _, symbol in rows if symbol.startswith("[k]"))
    lines = [f"{spent:.2f} us of CPU a request, {kernel:.0f} % of it in the kernel", ""]
    for share, file, symbol in rows[:LINES]:
        lines.append(f"{share:6.2f} %  {share * spent / 100:6.3f} us  {file[:22]:22}  {symbol[:110]}")
    return "\n".join(lines)


def parse(text):
    """Share, file and function of each line that perf reports."""
    found = []
    for line in text.splitlines():
        row = re.match(r"\s*([\d.]+)%\s+(\S+)\s+(\[.\] .*\S)", line)
        if row:
            found.append((float(row[1]), row[2], row[3]))
    return found


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"bench: {error}")
