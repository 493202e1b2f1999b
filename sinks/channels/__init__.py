"""The ways to a receiver: a signed webhook, or Apprise in a child process.

In: webhook-id and body. Out: how the attempt ended. May import message and policy.
"""
