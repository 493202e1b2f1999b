"""WebSub hubs: subscriptions are requested and renewed, and pushed content is received.

In: feeds' states, and requests from hubs. Out: changes to subscriptions, pushed content. May import reports and answers.
"""
