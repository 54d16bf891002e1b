"""Measures Flask-Threads: flask_threads.py submit|throughput|round-trip WORKERS; prints ns a job as JSON."""

import json
import logging
import os
import sys
import threading
import time

from flask import Flask
from flaskthreads import ThreadPoolWithAppContextExecutor

# A batch as for the others; fewer jobs where each takes long.
BATCH, JOBS, TRIPS = 10_000, 20_000, 5_000
GIVE_UP_AFTER = 10

logging.disable()


def nothing():
    pass


class Stopwatch:
    def __init__(self):
        self.wall = self.cpu = 0

    def __enter__(self):
        self.started = time.monotonic_ns(), time.process_time_ns()

    def __exit__(self, *_):
        self.wall += time.monotonic_ns() - self.started[0]
        self.cpu += time.process_time_ns() - self.started[1]


def submit(pool, workers, stopwatch):
    entered = threading.Barrier(workers + 1)

    def hold():
        entered.wait()
        threading.Event().wait()

    for _ in range(workers):
        pool.submit(hold)
    entered.wait(GIVE_UP_AFTER)
    with stopwatch:
        for _ in range(BATCH):
            pool.submit(nothing)
    return BATCH


def throughput(pool, workers, stopwatch):
    with stopwatch:
        futures = [pool.submit(nothing) for _ in range(JOBS)]
        for future in futures:
            future.result(GIVE_UP_AFTER)
    return JOBS


def round_trip(pool, workers, stopwatch):
    pool.submit(nothing).result(GIVE_UP_AFTER)
    with stopwatch:
        for _ in range(TRIPS):
            pool.submit(nothing).result(GIVE_UP_AFTER)
    return TRIPS


work = {"submit": submit, "throughput": throughput, "round-trip": round_trip}[sys.argv[1]]
workers = int(sys.argv[2])
stopwatch = Stopwatch()
# Never popped: with a job in flight, Flask 3 would refuse that here as well.
Flask("benchmarks").app_context().push()
try:
    jobs = work(ThreadPoolWithAppContextExecutor(workers), workers, stopwatch)
    print(json.dumps({"wall": stopwatch.wall / jobs, "cpu": stopwatch.cpu / jobs}), flush=True)
except TimeoutError:
    # Flask 3 refuses one app context on two threads at once, and the worker that pops it last ends.
    print(json.dumps({"failure": "stands still: its workers have died"}), flush=True)
# At once: workers that are held, or have died, would be waited for.
os._exit(0)
