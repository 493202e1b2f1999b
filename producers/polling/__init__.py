"""The producer process: what is due is fetched, parsed, compared and published, for as long as it runs.

May import every room of this stage but lists and backfill.
"""
