"""The meaning of a server's HTTP answer: its result, its validators, its redirects, its encoded body.

In: an answer and the feed's state. Out: a result, and changes to the state. May import newsmon's records.
"""
