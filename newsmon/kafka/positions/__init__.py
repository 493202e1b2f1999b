"""Which log an offset belongs to, and where to resume it: identity, the decision, the processor's commits, what was lost.

In: offsets as stored or committed, what the broker tells of its topics. Out: Resume with a reason. May import the rest of newsmon.kafka.
"""
