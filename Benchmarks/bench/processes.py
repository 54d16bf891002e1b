"""Servers as processes: started on a processor of their own, measured from outside, and stopped by their ids."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

READY_WITHIN = 20
REQUEST = b"GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Failed(Exception):
    """A step that did not work, with a sentence for whoever reads the terminal."""


class Server:
    """A running server, with all of its children."""

    def __init__(self, command, port, processor, folder, name, environment=None):
        self.port, self.name = port, name
        self.log = Path(folder) / (name.replace("/", "-").replace(" ", "-").replace(",", "") + ".log")
        started = time.monotonic()
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                ["taskset", "-c", processor, *map(str, command)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder,
                env={**os.environ, **(environment or {})}, start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        self.ready_after = time.monotonic() - started

    def _wait_until_ready(self):
        limit = time.monotonic() + READY_WITHIN
        while time.monotonic() < limit:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
                client.sendall(REQUEST)
                if client.recv(4096).startswith(b"HTTP/1."):
                    return
            time.sleep(0.001)
        last = self.log.read_text(errors="replace").strip().splitlines()[-1:]
        raise Failed(f"{self.name} did not start: {''.join(last) or 'it says nothing'}")

    def stop(self):
        """Ends the process and its children: all are in one group, which has the id of the first."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                continue
            break
        # Its children, until the last is gone.
        with contextlib.suppress(ProcessLookupError):
            for _ in range(100):
                os.killpg(self.process.pid, signal.SIGKILL)
                time.sleep(0.005)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def ids(self):
        """The ids of the process and of all of its descendants."""
        return family(self.process.pid, parents())

    def cpu(self):
        """The processor time of all of them, in seconds."""
        return sum(cpu_of(pid) for pid in self.ids)

    def resident(self, kind="VmRSS"):
        """Their resident memory in bytes; pages that several of them share count for each.

        `RssAnon` is the part that is no page of a file, which the kernel could read again.
        """
        return sum(resident_of(pid, kind) for pid in self.ids)


def parents():
    """The id of the parent of every process, by id."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                found[int(entry)] = parent_in(Path("/proc", entry, "stat").read_text())
    return found


def parent_in(stat):
    """The parent's id in a line of /proc/PID/stat, whose second field may have blanks and brackets in it."""
    return int(stat.rpartition(")")[2].split()[1])


def family(pid, parents):
    """A process and its descendants."""
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def cpu_of(pid):
    """User and system time of a process and its threads, in seconds.

    The clock of the process counts nanoseconds, where /proc/PID/stat counts hundredths of a second.
    """
    try:
        # The number of the clock of another process, as clock_getcpuclockid(3) makes it.
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0


def resident_of(pid, kind="VmRSS"):
    """The resident memory of a process in bytes."""
    with contextlib.suppress(OSError):
        for line in Path("/proc", str(pid), "status").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                return int(line.split()[1]) * 1024
    return 0


@contextlib.contextmanager
def idle_connections(port, count):
    """So many connections that have had an answer, and then do nothing."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count + 100:
        raise Failed(f"{count} connections need as many descriptors; there are {hard} (ulimit -n)")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 100), hard))
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            client.sendall(REQUEST)
            client.recv(4096)
        yield


def free_port():
    """A port that nobody listens at right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
