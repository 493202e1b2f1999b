"""Sockets: which addresses may be dialled, the small HTTP server every process runs, and how it listens.

May import errors, logs, metrics and settings; no stage.
"""
