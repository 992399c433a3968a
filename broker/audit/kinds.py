"""Every kind of audit entry, in one place. A kind is free text in a leaf; these are the ones that the broker writes."""

from enum import StrEnum


class Kind(StrEnum):
    """What happened, in the order of a message's way; then what operators and administrators do."""

    RECEIVED = "received"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    PUBLISHED = "published"
    CONFIRMED = "confirmed"
    DEAD_LETTERED = "dead-lettered"
    VIEWED = "viewed"
    EDITED = "edited"
    REPLAY_REQUESTED = "replay-requested"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    KEY_USED = "key-used"
    SETTING_CHANGED = "setting-changed"
