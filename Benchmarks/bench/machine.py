"""What a figure depends on beside the code: machine, versions and date."""

import datetime
import json
import os
import platform
import re
import subprocess
from pathlib import Path

from . import rivals


def described(programs=()):
    """Sentences for the head of a report, about these programs, or all."""
    date = datetime.date.today()
    where = f"{processors()}, {platform.system()} {platform.release()}, {' '.join(platform.libc_ver())}"
    versions = ", ".join(text for text in found_versions() if text and (not programs or text.split()[0] in programs))
    return f"{where}. {versions}. {date.day} {date:%B %Y}."


def processors():
    models = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"{os.cpu_count()} processors of {models[0].strip() if models else platform.machine()}"


def first_match(pattern, *command):
    """The first group of a pattern in what a program prints, or nothing where there is none."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(pattern, done.stdout + done.stderr)
    return found[1] if found else ""


def found_versions():
    programs = {
        "Swift": (r"Swift version (\S+)", rivals.SWIFT, "--version"),
        "nginx": (r"nginx/(\S+)", "nginx", "-v"),
        "libevent": (r"(\S+)", "pkg-config", "--modversion", "libevent"),
        "wrk": (r"wrk (?:debian/)?(\S+)", "wrk", "-v"),
    }
    for name, question in programs.items():
        version = first_match(*question)
        yield f"{name} {version}" if version else ""
    yield resolved(rivals.HERE / "rivals" / "HummingbirdServer" / "Package.resolved", "hummingbird", "Hummingbird")
    python = rivals.BUILT / "python" / "bin" / "python"
    if python.exists():
        yield first_match(r"(Python \S+)", python, "--version")
        for package in ("Flask", "Flask-Threads", "gunicorn"):
            yield f"{package} " + first_match(r"Version: (\S+)", python, "-m", "pip", "show", package)


def resolved(file, package, name):
    """The version of a package in a Package.resolved."""
    try:
        pins = json.loads(file.read_text())["pins"]
    except (OSError, ValueError, KeyError):
        return ""
    return next((f"{name} {pin['state'].get('version')}" for pin in pins if pin["identity"] == package), "")
