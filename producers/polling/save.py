"""A feed's state onto Kafka: what it refers to first, then the state, each acknowledged; only then is it remembered.

I/O: Kafka, by the publisher. PublishError leaves what was remembered as it was.
"""

from __future__ import annotations

from newsmon.records import FeedState
from producers.polling.publisher import Publisher
from producers.polling.state_log import FeedStates, Lease


async def save_state(state: FeedState, lease: Lease, states: FeedStates, publisher: Publisher) -> None:
    """Return when Kafka has it; the caller has made sure that the lease holds."""
    written = states.to_write(state)
    if written.base is not None:
        await publisher.publish_known(written.base)
    await publisher.publish_state(written.record)
    states.remember(written, lease)
