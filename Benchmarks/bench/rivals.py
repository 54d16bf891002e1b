"""Who competes: how each is built, why it may be missing, and how it is started for a case."""

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from . import settings
from .load import Load
from .processes import Failed, Server, free_port

HERE = Path(__file__).parent.parent
ROOT = HERE.parent
BUILT = HERE / ".build" / "rivals"
BATON = HERE / ".build" / "static" / "release" / "BenchServer"
SWIFT = os.environ.get("SWIFT", "swift")


@dataclass
class Site:
    """Where servers run: a folder for their files, and a processor."""

    folder: Path
    processor: str


@dataclass
class Contender:
    """One way to do the work of a case: a rival with settings."""

    rival: str
    name: str
    command: Callable  # of a port and a folder
    environment: dict = field(default_factory=dict)
    # What is asked of this one; where there is none, that of the case.
    load: Load | None = None

    def start(self, site, environment=None):
        port = free_port()
        command = self.command(port, site.folder)
        everything = {**self.environment, **(environment or {})}
        return Server(command, port, site.processor, site.folder, self.name, everything)


def baton(chain="empty", name=None, routes=0, **keys):
    """Baton with a chain of settings.CHAINS; `keys` go to settings.baton."""

    def command(port, folder):
        config = settings.baton(port, chain, **keys)
        file = settings.written(folder, f"baton-{port}.yml", config)
        return [BATON, file, str(routes)]

    return Contender("baton", name or f"Baton, {chain} chain", command)


def nginx(log="off", name=None, **keys):
    names = {"off": "nginx, access log off", "on": "nginx, access log on", "buffered": "nginx, access log buffered"}

    def command(port, folder):
        file = settings.written(folder, f"nginx-{port}.conf", settings.nginx(port, folder, log, **keys))
        return ["nginx", "-c", file]

    return Contender("nginx", name or names[log], command)


def raw():
    return Contender("raw", "C on libevent", lambda port, _: [BUILT / "raw", str(port)])


def evhttp():
    return Contender("evhttp", "C on evhttp", lambda port, _: [BUILT / "evhttp", str(port)])


def hummingbird(steps="empty", name=None, routes=0, files=""):
    program = HERE / "rivals" / "HummingbirdServer" / ".build" / "static" / "release" / "HummingbirdServer"
    names = {"empty": "Hummingbird", "default": "Hummingbird, same steps", "quiet": "Hummingbird, same steps without log"}

    def command(port, folder):
        return [program, str(port), steps, str(routes), settings.SECRET, str(files)]

    return Contender("hummingbird", name or names[steps], command)


def flask(steps=False, routes=0, files="", access=False):
    name = "Flask, same steps" if steps else "Flask"

    def command(port, folder):
        app = f"flask_app:make(steps={steps}, routes={routes}, secret='{settings.SECRET}', folder='{files}')"
        gunicorn = [BUILT / "python" / "bin" / "gunicorn", "--chdir", HERE / "rivals", "-b", f"127.0.0.1:{port}"]
        log = ["--access-logfile", f"{folder}/flask-{port}.access"] if access else []
        return [*gunicorn, "--worker-class", "gthread", "--threads", "4", "--keep-alive", "60", *log, app]

    return Contender("flask", name, command, {"PYTHONDONTWRITEBYTECODE": "1"})


def run(*command):
    """Builds something; what it prints is shown only when it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        last = (done.stderr + done.stdout).strip().splitlines()
        errors = [line for line in last if "error:" in line]
        raise Failed((errors or last or ["failed"])[-1])


def output(*command):
    """What a program prints."""
    return subprocess.run([str(word) for word in command], capture_output=True, text=True).stdout


def build_c(name, *libraries):
    if not shutil.which("cc"):
        raise Failed("there is no C compiler")
    BUILT.mkdir(parents=True, exist_ok=True)
    flags = [f"-l{library}" for library in libraries]
    run("cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", BUILT / name, HERE / "rivals" / f"{name}.c", *flags)


def build_nginx():
    if not shutil.which("nginx"):
        raise Failed("nginx is not installed (apt-get install nginx-light)")


def build_swift(package, product):
    """A release build with Swift's own libraries in it, as `make dist` makes one."""
    # A folder of its own: the pool's benchmarks are built beside it, and linked otherwise.
    folders = ["--package-path", package, "--scratch-path", package / ".build" / "static"]
    run(SWIFT, "build", "-c", "release", "--static-swift-stdlib", "--product", product, *folders)


def build_baton():
    build_swift(HERE, "BenchServer")


def build_hummingbird():
    build_swift(HERE / "rivals" / "HummingbirdServer", "HummingbirdServer")


def build_flask():
    python = BUILT / "python"
    if not (python / "bin" / "gunicorn").exists():
        run("python3", "-m", "venv", python)
        run(
            python / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout", "20", "--retries", "1",
            "-r", HERE / "rivals" / "requirements.txt",
        )


BUILDS = {
    "baton": build_baton,
    "nginx": build_nginx,
    "raw": lambda: build_c("raw", "event_core"),
    "evhttp": lambda: build_c("evhttp", "event_core", "event_extra"),
    "hummingbird": build_hummingbird,
    "flask": build_flask,
}


def build(names):
    """Builds these rivals; returns why others are left out, by name. BENCH_BUILD=no takes what was built before."""
    missing = {}
    for name in names if os.environ.get("BENCH_BUILD") != "no" else ():
        try:
            BUILDS[name]()
        except (Failed, OSError) as error:
            missing[name] = str(error)
    return missing
