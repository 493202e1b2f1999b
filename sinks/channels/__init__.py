"""The channels to a receiver: a signed webhook, or Apprise in a child process; and the secrets they need.

In: webhook-id and body. Out: the Outcome of one attempt. May import: policy, message.
"""
