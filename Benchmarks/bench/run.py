"""What the runs have in common: what is asked for in the environment, where servers run, where pages are written."""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import rivals
from .rounds import run_case

PAGES = rivals.ROOT / "docs" / "benchmarks"


def say(line):
    print(line, flush=True)


def chosen(variable, names):
    """The names in a variable, which are all where it is empty."""
    wanted = os.environ.get(variable, "").replace(",", " ").split()
    unknown = [word for word in wanted if word not in names]
    if unknown:
        sys.exit(f"bench: {variable} has {', '.join(unknown)}; there are {', '.join(names)}")
    return wanted or list(names)


class Session:
    """A run: a folder that is removed at the end, processors, and how long and how often is measured."""

    def __init__(self):
        for tool in ("wrk", "taskset"):
            if not shutil.which(tool):
                sys.exit(f"bench: {tool} is missing (apt-get install wrk util-linux)")
        # As Ctrl-C does: what was started is stopped on the way out.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        self.rounds = int(os.environ.get("BENCH_ROUNDS") or 5)
        self.seconds = int(os.environ.get("BENCH_SECONDS") or 1)
        self.client = os.environ.get("BENCH_CLIENT_CORE") or "1"
        self._folder = tempfile.TemporaryDirectory(prefix="bench-")
        # Workers of nginx are nobody, and read it.
        os.chmod(self._folder.name, 0o755)
        self.site = rivals.Site(Path(self._folder.name), os.environ.get("BENCH_SERVER_CORE") or "0")
        self.missing = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._folder.cleanup()

    def build(self, names):
        """Builds these rivals; returns why some are left out, and says so."""
        say(f"building {', '.join(names)}")
        missing = rivals.build(names)
        for name, reason in missing.items():
            say(f"{name}: left out, {reason}")
        return missing

    def measure(self, cases, then=None):
        """Measures these cases; `then` gets each with its figures."""
        results = []
        for case in cases:
            say(f"\n## {case.title}")
            found = run_case(case, self.site, self.client, self.rounds, self.seconds, say)
            for series in found:
                if series.failure:
                    say(f"  {series.name} has failed: {series.failure}")
            if then:
                then(case, found)
            results.append((case, found))
        return results

    def write(self, name, page, drawing=None):
        (PAGES / f"{name}.md").write_text(page)
        if drawing:
            (PAGES / f"{name}.svg").write_text(drawing)
        say(f"\nwritten: docs/benchmarks/{name}.md")
