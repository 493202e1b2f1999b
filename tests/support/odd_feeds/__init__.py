"""Odd feeds as folders: one input, the command to give it to, and the right answer in words (`expected.txt`).

In: a folder of such cases. Out: for every case whether newsmon answers right and, if not, what it answered instead. The commands are
the real ones. `benchmarks/odd_feeds.py` prints the verdicts, `tests/component/producers/test_odd_feeds.py` demands them.
"""
