"""What one round with a feed comes to: a poll, a batch of article pages, a push from its hub. Pure.

In: answers and drafts. Out: articles, counts, notices and the feed's next state. May import articles, answers, timing, health.
"""
