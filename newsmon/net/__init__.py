"""Sockets: the guard that decides which addresses newsmon may connect to, and the small HTTP server that every process runs.

In: addresses, health, metrics. Out: guarded connections, HTTP responses. May import errors, logs, metrics and settings; no stage.
"""
