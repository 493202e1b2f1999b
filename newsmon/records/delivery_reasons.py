"""The reasons why attempts and deliveries end: one closed set of words for rows, records, logs and metric labels."""

from __future__ import annotations

from enum import StrEnum


class DeliveryReason(StrEnum):
    """The end of one attempt, or the reason why a delivery was given up or never made."""

    # how an attempt ended
    ACCEPTED = "accepted"  # 2xx
    REDIRECTED = "redirected"  # 3xx: a failure, never followed
    CLIENT_ERROR = "client_error"  # 4xx except 410 and 429
    GONE = "gone"  # 410, or a refusal with `webhook-delivery: disable`: the receiver wants no more messages
    ABORTED = "aborted"  # a refusal with `webhook-delivery: abort-message`: do not retry this message
    THROTTLED = "throttled"  # 429
    SERVER_ERROR = "server_error"  # 5xx
    TIMED_OUT = "timed_out"
    CONNECT_FAILED = "connect_failed"  # no connection, or it broke
    BAD_ANSWER = "bad_answer"  # something answered, but not HTTP
    BLOCKED_ADDRESS = "blocked_address"  # refused by our network guard
    CHANNEL_FAILED = "channel_failed"  # a service behind Apprise refused a message without an HTTP status
    # why a delivery was given up
    EXHAUSTED = "exhausted"  # every retry in the schedule failed
    FAILING_FOR_DAYS = "failing_for_days"  # the receiver accepted nothing for days and is disabled
    RECEIVER_DISABLED = "receiver_disabled"  # the receiver was disabled earlier, by its own answer or by us
    RECEIVER_REMOVED = "receiver_removed"  # it is no longer in the settings
    # why a delivery was never made
    NOT_LIVE = "not_live"  # backfill and replay notify no one
    THEME_NOT_WANTED = "theme_not_wanted"
    BELOW_MIN_SEVERITY = "below_min_severity"
    CLOSED_NOT_WANTED = "closed_not_wanted"
    NEVER_TOLD = "never_told"  # the alert is over and this receiver never got it
    TOLD_BEFORE = "told_before"  # this receiver had the same match as another alert: its story was opened again
    NO_RECEIVER = "no_receiver"  # none is configured
    LANGUAGE_NOT_WANTED = "language_not_wanted"
    TIER_NOT_WANTED = "tier_not_wanted"
    NO_ROUTE = "no_route"  # the receiver has routes, and none of them matches
    SILENCED = "silenced"  # by a person, until a time; the end of an alert is held for it, everything else is never sent
    DISCARDED = "discarded"  # held as unproven, and a person decided not to send it
    SUPERSEDED = "superseded"  # a digest taken apart again; of older versions also what a newer revision of the alert overtook
    # why a delivery is held, to be sent later
    OTHER_THEMES = "other_themes"  # waits for the alerts of the same article under its other themes
    GROUP_INTERVAL = "group_interval"  # too soon after the alert's last update
    QUIET_HOURS = "quiet_hours"
    DIGEST = "digest"  # the receiver wants a digest
    BUDGET = "budget"  # the receiver has had its limit for this hour
    NOT_YET_TOLD = "not_yet_told"  # the alert is over, and its opening is still being delivered
    UNPROVEN = "unproven"  # old, and after a lost database nothing says whether it was sent: a person decides


SUPPRESSIONS = (
    DeliveryReason.NOT_LIVE, DeliveryReason.THEME_NOT_WANTED, DeliveryReason.BELOW_MIN_SEVERITY, DeliveryReason.CLOSED_NOT_WANTED,
    DeliveryReason.RECEIVER_DISABLED, DeliveryReason.NO_RECEIVER, DeliveryReason.LANGUAGE_NOT_WANTED, DeliveryReason.TIER_NOT_WANTED,
    DeliveryReason.NO_ROUTE, DeliveryReason.SILENCED, DeliveryReason.SUPERSEDED, DeliveryReason.NEVER_TOLD,
    DeliveryReason.DISCARDED, DeliveryReason.TOLD_BEFORE,
)  # fmt: skip

HOLDS = (
    DeliveryReason.OTHER_THEMES, DeliveryReason.GROUP_INTERVAL, DeliveryReason.QUIET_HOURS, DeliveryReason.DIGEST, DeliveryReason.BUDGET,
    DeliveryReason.NOT_YET_TOLD, DeliveryReason.SILENCED, DeliveryReason.UNPROVEN,
)  # fmt: skip
