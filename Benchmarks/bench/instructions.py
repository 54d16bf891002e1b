"""Where the instructions of a request go, in user space: callgrind counts them, the same on every machine in any mood."""

import os
import re
import shutil
import subprocess
import sys

from . import rivals
from .cases import all_cases
from .client import ask, connected
from .processes import Failed, Server, free_port
from .run import Session, chosen, say

CONNECTIONS, ROUNDS = 16, 60
LINES = int(os.environ.get("BENCH_LINES") or 40)


def main():
    for tool in ("valgrind", "objcopy"):
        if not shutil.which(tool):
            sys.exit(f"bench: {tool} is missing (apt-get install valgrind binutils)")
    with Session() as session:
        cases = {case.key: case for case in all_cases(session.site.folder)}
        session.build(["baton"])
        program = stripped(session.site.folder)
        for key in chosen("BENCH_CASES", list(cases)):
            for contender in cases[key].contenders:
                if contender.rival == "baton":
                    say(count(cases[key], contender, program, session.site))


def stripped(folder):
    """The server without what describes it to debuggers, which valgrind cannot read; its names stay."""
    file = folder / "BenchServer"
    rivals.run("objcopy", "--strip-debug", rivals.BATON, file)
    return file


def count(case, contender, program, site):
    """The instructions of a request of this case, by function, as text."""
    port, output = free_port(), site.folder / "callgrind.out"
    for old in site.folder.glob("callgrind.out*"):
        old.unlink()
    command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", f"--callgrind-out-file={output}"]
    arguments = contender.command(port, site.folder)[1:]
    with Server([*command, program, *arguments], port, site.processor, site.folder, "valgrind") as server:
        with connected(port, CONNECTIONS) as clients:
            control(server, "-i", "on")
            ask(clients, case.load, port, rounds=ROUNDS)
            control(server, "-z")
            requests = ask(clients, case.load, port, rounds=ROUNDS)
            control(server, "-d")
    # The first that it writes; the second comes at the end of the process.
    text = rivals.output("callgrind_annotate", "--threshold=100", site.folder / "callgrind.out.1")
    total, rows = parse(text)
    if not total:
        raise Failed("callgrind has written nothing")
    lines = [f"{instructions / requests:10.0f}  {name}" for instructions, name in rows[:LINES]]
    done = subprocess.run([rivals.SWIFT, "demangle", "--simplified"], input="\n".join(lines), capture_output=True, text=True)
    head = f"\n## {case.title}, {contender.name}\n\n{total / requests:,.0f} instructions a request in user space, of which\n"
    return "\n".join([head, *(line[:150] for line in done.stdout.splitlines())])


def control(server, *options):
    rivals.run("callgrind_control", *options, server.process.pid)


def parse(text):
    """All instructions, and those of each function by itself, from what callgrind_annotate prints."""
    total, found = 0, []
    for line in text.splitlines():
        row = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(.*\S)", line)
        if not row:
            continue
        count = int(row[1].replace(",", ""))
        if row[2].startswith("PROGRAM TOTALS"):
            total = count
        else:
            found.append((count, re.sub(r"^\S*?:(?=\S)", "", row[2])))
    return total, found


if __name__ == "__main__":
    try:
        main()
    except Failed as error:
        sys.exit(f"bench: {error}")
