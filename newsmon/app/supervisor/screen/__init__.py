"""The output of `newsmon run`: scraped metrics become a status log line or a live view.

In: the processes' /metrics, the newest alerts, log lines. Out: a screen, a rotating log file. May import the ground floor and the
records.
"""
