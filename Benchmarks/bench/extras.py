"""What is counted in a short run of its own, since counting slows the server down: system calls and allocations."""

import contextlib
import mmap
import re
import shutil
import signal
import struct
import subprocess
import time

from . import rivals
from .client import ask, connected
from .processes import Failed

COUNTER = rivals.BUILT / "allocations.so"


def prepare():
    """Builds the counter of allocations; returns what cannot be counted here, and why."""
    missing = {}
    if not shutil.which("strace"):
        missing["system calls"] = "strace is not installed (apt-get install strace)"
    folder = rivals.HERE / "Sources" / "CAllocationCounter"
    try:
        rivals.BUILT.mkdir(parents=True, exist_ok=True)
        source = folder / "allocation_counter.c"
        rivals.run("cc", "-O2", "-shared", "-fPIC", "-I", folder / "include", "-o", COUNTER, source)
    except (Failed, OSError) as error:
        missing["allocations"] = str(error)
    return missing


def count(contender, case, series, site, client):
    """Fills in what a request of this case takes of each."""
    file = site.folder / "allocations"
    file.write_bytes(bytes(8))
    environment = {"LD_PRELOAD": str(COUNTER), "ALLOCATION_COUNTER": str(file)} if COUNTER.exists() else {}
    with (
        open(file, "r+b") as opened,
        mmap.mmap(opened.fileno(), 8) as counter,
        contender.start(site, environment) as server,
        asking(server, contender.load or case.load, client) as ask,
    ):
        ask(1)
        with strace(server, site) as calls:
            before = struct.unpack("q", counter)[0]
            requests = ask(1)
            allocated = struct.unpack("q", counter)[0] - before
    if calls:
        series.calls = {name: number / requests for name, number in calls.items()}
        series.syscalls = sum(series.calls.values())
    # Python has an allocator of its own, in front of the C library's.
    if COUNTER.exists() and contender.rival != "flask":
        series.allocations = allocated / requests


@contextlib.contextmanager
def asking(server, load, client):
    """A function that asks for so many seconds, and returns how many answers came."""
    if load.closes:
        yield lambda seconds: load.run(server.port, client, seconds).requests
        return
    with connected(server.port, load.connections) as clients:
        yield lambda seconds: ask(clients, load, server.port, seconds=seconds)


@contextlib.contextmanager
def strace(server, site):
    """Counts the system calls of a server meanwhile, by name, into the dictionary that it yields."""
    calls = {}
    if not shutil.which("strace"):
        yield calls
        return
    file = site.folder / "strace"
    targets = [word for pid in server.ids for word in ("-p", str(pid))]
    command = ["strace", "-f", "-c", "-o", str(file), *targets]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    try:
        # It says so when it holds the threads.
        while "attached" not in (line := process.stderr.readline()):
            if not line:
                raise Failed("strace cannot attach")
        time.sleep(0.2)
        yield calls
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
    calls.update(parse_strace(file.read_text()))


def parse_strace(text):
    """The number of calls, by name, from the table that strace -c prints."""
    counts = {}
    for line in text.splitlines():
        row = re.match(r"\s*[\d.]+\s+[\d.]+\s+\d+\s+(\d+)\s+(?:\d+\s+)?(\w+)$", line)
        if row and row[2] != "total":
            counts[row[2]] = int(row[1])
    return counts
