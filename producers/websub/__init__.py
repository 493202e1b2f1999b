"""Talks to WebSub hubs: requests and renews subscriptions, and receives pushed content.

In: feeds' states, and requests from hubs. Out: changes to subscriptions, pushed content. May import reports and answers.
"""
