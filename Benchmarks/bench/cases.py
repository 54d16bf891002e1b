"""What is measured: the work, and who is asked to do it. A rival is asked only where a user would compare."""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field

from . import settings
from .load import Load
from .rivals import baton, evhttp, flask, hummingbird, nginx, raw

IDLE = 10_000


@dataclass
class Case:
    """A piece of work, and those who compete at it."""

    key: str
    title: str
    text: str
    contenders: list
    load: Load = field(default_factory=Load)
    idle: int = 0  # connections that do nothing meanwhile


def all_cases(folder):
    """All cases; what they send and serve is written into the folder."""
    small, large = folder / "items.json", folder / "large"
    small.write_text(items(4096))
    large.write_bytes(b"x" * (1 << 20))
    served = folder / "files"
    served.mkdir()
    (served / "page.txt").write_text("0123456789abcde\n" * 1024)
    (served / "large.txt").write_bytes(large.read_bytes())
    files = f"  static-files: {{ root: {served}, prefix: /files }}"
    close = Load(headers=("Connection: close",))
    return [
        Case(
            "plaintext", "Plaintext, keep-alive", "GET /hello, 13 bytes of text, 64 connections.",
            [
                raw(), nginx("off"), baton("empty"), baton("quiet", "Baton, default chain without log"), evhttp(),
                nginx("on"), nginx("buffered"), baton("default"), hummingbird("empty"), hummingbird("quiet"),
                hummingbird("default"), flask(steps=True, access=True),
            ],
        ),
        Case(
            "pipelined", "16 requests pipelined", "The same, with 16 requests sent at once on each connection.",
            [raw(), nginx("off"), baton("empty"), baton("default"), hummingbird("empty"), hummingbird("default")],
            Load(pipelined=16),
        ),
        Case(
            "connections", "A new connection for each request", "The same, with Connection: close.",
            [raw(), nginx("off"), baton("empty"), evhttp(), nginx("on"), baton("default"), hummingbird("empty")], close,
        ),
        Case(
            "idle", f"{IDLE:,} idle connections beside 64 busy ones", "As plaintext; each idle one has had one answer before.",
            [raw(), nginx("off"), baton("empty"), evhttp(), hummingbird("empty")], idle=IDLE,
        ),
        Case(
            "json-out", "JSON, 1 KiB out", "A list of 14 items is made into JSON.",
            [baton("empty"), hummingbird("empty"), flask()], Load("/json"),
        ),
        Case(
            "json-in", "JSON, 4 KiB in", "A list of some 60 items is read from JSON, and counted.",
            [baton("empty"), hummingbird("empty"), flask()], Load("/json", post=str(small), type="application/json"),
        ),
        Case(
            "job", "A request that awaits one job", "The job runs on a pool of two threads; only Baton's knows its request.",
            [baton("empty"), baton("default"), hummingbird("empty", "Hummingbird, NIOThreadPool"), flask()], Load("/job"),
        ),
        Case(
            "fan-out", "A request that awaits eight jobs", "As above, with eight jobs that are all under way at once.",
            [baton("empty"), baton("default"), hummingbird("empty", "Hummingbird, NIOThreadPool"), flask()], Load("/jobs"),
        ),
        Case(
            "upload", "Upload of 1 MiB", "The handler reads the body as it arrives, and counts its bytes; 16 connections.",
            [baton("empty"), evhttp(), hummingbird("empty"), flask()], Load("/upload", 16, post=str(large)),
        ),
        Case(
            "download", "Download of 1 MiB", "From memory, or as a file that is named; 16 connections.",
            [
                baton("empty"), evhttp(), hummingbird("empty"), flask(), nginx("off", "nginx, a file", **at("/download", large)),
            ],
            Load("/download", 16),
        ),
        Case(
            "file", "A static file of 16 KiB", "With entity tag and media type.",
            [
                nginx("off", **below("/files/", served)), baton("[static-files]", "Baton, static-files", more=files),
                hummingbird("empty", "Hummingbird, FileMiddleware", files=served), flask(files=served),
            ],
            Load("/files/page.txt"),
        ),
        Case(
            "routes", "One of 1,000 routes", "GET /r700/abc, with the last part as a parameter.",
            [
                nginx("off", "nginx, 1,000 locations", locations=locations(1000)), baton("empty", routes=1000),
                hummingbird("empty", routes=1000), flask(routes=1000),
            ],
            Load("/r700/abc"),
        ),
        Case(
            "jwt", "A signed token is checked", "HS256, as a bearer token; with the log.",
            [baton("default"), hummingbird("default"), flask(steps=True, access=True)], Load(token=token(settings.SECRET)),
        ),
    ]


def at(path, file):
    return {"locations": f"location = {path} {{ alias {file}; }}"}


def below(path, folder):
    return {"locations": f"location {path} {{ alias {folder}/; }}"}


def locations(count):
    return "\n".join(f"location /r{number}/ {{ return 200 $uri; }}" for number in range(count))


def items(size):
    """A list in JSON, of at most so many bytes."""
    found = []
    while True:
        number = len(found) + 1
        item = {"id": number, "name": f"item number {number}", "price": number * 1.25, "isAvailable": number % 3 != 0}
        text = json.dumps([*found, item])
        if len(text) > size:
            return json.dumps(found)
        found.append(item)


def token(secret):
    """A JSON Web Token that is good for a day (RFC 7519)."""

    def part(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    header = part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = part(json.dumps({"sub": "alice", "exp": int(time.time()) + 86_400}).encode())
    signed = header + b"." + claims
    return (signed + b"." + part(hmac.digest(secret.encode(), signed, hashlib.sha256))).decode()
