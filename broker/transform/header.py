"""The business application header written: one shape for every version of head.001, since their names agree.

Owns what a header that we add says: who sends, to whom, what and when. Which version it is, and whether it satisfies
that version's schema, is for ``ra_json``.
"""

from broker.message.header import BusinessHeader


def write_header(facts: BusinessHeader) -> dict[str, object]:
    """RA JSON of a header (the content of ``AppHdr``), in the order of head.001.001.01 to .04.

    ``sender`` and ``receiver`` are BICs of institutions. What ``facts`` does not say is left out.
    """
    said = {
        "Fr": _institution(facts.sender),
        "To": _institution(facts.receiver),
        "BizMsgIdr": facts.business_message_id,
        "MsgDefIdr": facts.message_definition,
        "BizSvc": facts.business_service,
        "CreDt": facts.created,
        "CpyDplct": facts.copy_duplicate,
        "PssblDplct": facts.possible_duplicate,
        "Prty": facts.priority,
    }
    return {tag: value for tag, value in said.items() if value is not None}


def _institution(bic: str | None) -> dict[str, object] | None:
    return None if bic is None else {"FIId": {"FinInstnId": {"BICFI": bic}}}
