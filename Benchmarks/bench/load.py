"""The load: wrk, on a processor of its own, and what it tells."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import Failed

SCRIPT = Path(__file__).parent.parent / "load" / "load.lua"


@dataclass
class Load:
    """What a client asks for."""

    path: str = "/hello"
    connections: int = 64
    pipelined: int = 1
    post: str = ""
    type: str = ""
    token: str = ""
    headers: tuple = ()
    # The least time to ask for: of thousands of connections the first second goes by with connecting.
    seconds: int = 1

    @property
    def closes(self):
        """Whether each request has a connection of its own."""
        return "Connection: close" in self.headers

    def command(self, port, seconds):
        arguments = [f"{key}={getattr(self, key)}" for key in ("post", "type", "token") if getattr(self, key)]
        if self.pipelined > 1:
            arguments.append(f"pipelined={self.pipelined}")
        fields = [word for header in self.headers for word in ("-H", header)]
        return [
            "wrk", "-t1", f"-c{self.connections}", f"-d{seconds}s", "--timeout", "10s", *fields, "-s", str(SCRIPT),
            f"http://127.0.0.1:{port}{self.path}", "--", *arguments,
        ]

    def run(self, port, processor, seconds):
        """Asks for so many seconds, and returns what came of it."""
        seconds = max(seconds, self.seconds)
        command = ["taskset", "-c", processor, *self.command(port, seconds)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
        except subprocess.TimeoutExpired:
            raise Failed("wrk does not come to its end") from None
        return parse(done.stdout + done.stderr)


@dataclass
class Outcome:
    """What came of a load; times are in microseconds."""

    requests: int
    us: int
    p50: int
    p99: int
    p999: int
    refused: int
    broken: int

    @property
    def rate(self):
        return self.requests * 1e6 / self.us


    def is_whole(self, load):
        """Whether every request was answered as it should be."""
        # Where each connection ends after an answer that does not say so, wrk takes the end for an error.
        broken = 0 if load.closes else self.broken
        return self.requests > 0 and self.refused == 0 and broken == 0


def parse(text):
    """Reads the line that load.lua prints at the end."""
    for line in text.splitlines():
        if line.startswith("bench "):
            return Outcome(**{key: int(value) for key, value in (pair.split("=") for pair in line.split()[1:])})
    raise Failed(f"wrk told nothing: {text.strip()[-200:]}")
