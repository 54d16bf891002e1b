"""python3 -m bench, in Benchmarks/: see README.md there. What is asked for stands in the environment, as make puts it."""

import os

from . import extras, report, rivals
from .cases import all_cases
from .processes import Failed
from .run import Session, chosen, say


def main():
    counts = (os.environ.get("BENCH_COUNTS") or "yes") == "yes"
    with Session() as session:
        cases = {case.key: case for case in all_cases(session.site.folder)}
        keys, names = chosen("BENCH_CASES", list(cases)), chosen("BENCH_RIVALS", list(rivals.BUILDS))
        missing = session.build(names)
        if counts:
            uncounted = extras.prepare()
            for what, reason in uncounted.items():
                say(f"{what}: not counted, {reason}")
            missing.update(uncounted)
        for case in cases.values():
            case.contenders = [one for one in case.contenders if one.rival in names and one.rival not in missing]

        def complete(case, found):
            for contender, series in zip(case.contenders, found):
                if counts and not series.failure:
                    try:
                        extras.count(contender, case, series, session.site, session.client)
                    except (Failed, OSError) as error:
                        say(f"  {series.name}: not counted, {error}")
            say(f"\n{report.table(found)}")

        results = session.measure([cases[key] for key in keys], complete)
    # A page of some cases would pass for the whole.
    if len(keys) == len(cases) and len(names) == len(rivals.BUILDS):
        session.write("http", report.document(results, missing, session), report.drawing(results))
    elif goals := report.budgets.section(results):
        say(f"\n{goals}")


main()
