"""What live servers have been seen to do over several polls, as scripts: an answer for every poll, and what must come of them.

`tests/integration/test_feed_polls.py` polls each script by itself over virtual days, `test_feed_polls_whole.py` all of them at once
through producer, broker, processor and store.
"""
