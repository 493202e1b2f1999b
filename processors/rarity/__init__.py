"""How rare the keys of an article are in the news at large, and which sentences recur in it: counts by day, fading, bounded.

In: the keys of articles, day counts of other workers, the shipped counts. Out: the rarity of a key; no I/O. May import newsmon's words.
"""
