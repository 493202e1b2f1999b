"""The decisions about delivery: who gets an alert, when, bundled with what, and what follows from a failed attempt.

In: records, settings, what happened so far, the time. Out: decisions with reasons. May import: message. Does no I/O.
"""
