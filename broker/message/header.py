"""The business application header's facts, one model whatever the version of head.001 they came in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BusinessHeader:
    """What a business application header (head.001) says, in lexical form; None where it is silent.

    ``sender`` and ``receiver`` are the identifying value of ``Fr`` and ``To`` (BICFI, else clearing member id, else
    the organisation's identification).
    """

    definition: str
    business_message_id: str
    message_definition: str
    sender: str | None = None
    receiver: str | None = None
    business_service: str | None = None
    created: str | None = None
    copy_duplicate: str | None = None
    possible_duplicate: str | None = None
    priority: str | None = None
