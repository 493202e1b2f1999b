"""Reports: everything that a poll, a batch of article pages or a push publishes for a feed.

In: answers, drafts, texts of pages, and the feed's state. Out: articles, notices, an outcome that counts them, and the next state.
May import articles, answers, formats, timing and health.
"""
