"""The fault campaign: a real `newsmon run`, a feed server of numbered items, three receivers, faults by seed, and an oracle.

items/, kinds/, plan/, oracle and figures decide and do no I/O; outlet, desks, newsroom, the hands and driver do. The campaign itself is
`tests/faults/campaign.py`; `benchmarks/long_run.py` and `benchmarks/recovery.py` use the same parts.
"""
