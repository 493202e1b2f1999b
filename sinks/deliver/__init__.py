"""`newsmon deliver`: alerts and notices go into the outbox, and from there to each receiver through its own queue.

In: news.alerts, news.notices. Out: messages to people, news.deliveries. May import: every room of this stage but ledger and queries.
"""
