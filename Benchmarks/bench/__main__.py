"""python3 -m bench, in Benchmarks/: see README.md there. What is asked for stands in the environment, as make puts it."""

import os
import sys
import tempfile
from pathlib import Path

from . import extras, report, rivals
from .cases import all_cases
from .processes import Failed
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


def main():
    rounds, seconds = (int(os.environ.get(f"BENCH_{name}") or default) for name, default in (("ROUNDS", 5), ("SECONDS", 1)))
    client = os.environ.get("BENCH_CLIENT_CORE", "1")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        # Workers of nginx are nobody, and read it.
        os.chmod(folder, 0o755)
        site = rivals.Site(Path(folder), os.environ.get("BENCH_SERVER_CORE", "0"))
        cases = {case.key: case for case in all_cases(site.folder)}
        keys, names = chosen("BENCH_CASES", list(cases)), chosen("BENCH_RIVALS", list(rivals.BUILDS))
        counts = os.environ.get("BENCH_COUNTS", "yes") == "yes"
        say(f"building {', '.join(names)}")
        missing = {**rivals.build(names), **(extras.prepare() if counts else {})}
        for name, reason in missing.items():
            say(f"{name}: left out, {reason}")
        results = []
        for key in keys:
            case = cases[key]
            case.contenders = [one for one in case.contenders if one.rival in names and one.rival not in missing]
            say(f"\n## {case.title}")
            found = run_case(case, site, client, rounds, seconds, say)
            for contender, series in zip(case.contenders, found):
                if counts and not series.failure:
                    try:
                        extras.count(contender, case, series, site, client)
                    except (Failed, OSError) as error:
                        say(f"  {series.name}: not counted, {error}")
                if series.failure:
                    say(f"  {series.name} has failed: {series.failure}")
            say(f"\n{report.table(found)}")
            results.append((case, found))
    # A page of some cases would pass for the whole.
    if len(keys) == len(cases) and len(names) == len(rivals.BUILDS):
        (PAGES / "http.md").write_text(report.document(results, missing, rounds, seconds))
        (PAGES / "http.svg").write_text(report.drawing(results))
        say(f"\nwritten: {PAGES / 'http.md'}")
    elif page := report.budgets.section(results):
        say(f"\n{page}")


main()
