"""Recorded feeds, and an HTTP server that serves them with the habits and faults of real publishers.

In: `catalogue.toml` and feed templates. Out: HTTP responses on loopback. May import the ground floor; no stage.
"""
