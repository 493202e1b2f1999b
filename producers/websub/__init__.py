"""WebSub hubs: subscriptions asked for and renewed, and what hubs push taken in.

May import rounds and answers.
"""
