"""What a server's HTTP answer means: its outcome, its validators, its redirects, its encoded body. Pure.

May import newsmon's records.
"""
