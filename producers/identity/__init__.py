"""Decides which article an entry is: by its address, its guid, or its title and date.

In: entries and what the feed's state has learned. Out: article ids, with the reason. May import formats and addresses.
"""
