"""Measures Baton beside what a user would pick instead; `make bench` runs it. Python's standard library and wrk are enough."""
