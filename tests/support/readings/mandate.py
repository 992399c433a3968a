"""Messages about mandates, read by XPath."""

from tests.support.readings.parts import Reading, sides

_HEADER = {"message.id": "../n:GrpHdr/n:MsgId", "initiating_party.name": "../n:GrpHdr/n:InitgPty/n:Nm"}


def _mandate(field: str, at: str) -> dict[str, str]:
    paths = {
        "ids.0": f"{at}n:MndtId[1]",
        "request_id": f"{at}n:MndtReqId",
        "occurrences.sequence_type": f"{at}n:Ocrncs/n:SeqTp",
        "occurrences.first_collection_date": f"{at}n:Ocrncs/n:FrstColltnDt",
        "collection_amount.amount": f"{at}n:ColltnAmt",
        "maximum_amount.amount": f"{at}n:MaxAmt",
        "reference": f"{at}n:MndtRef",
        **sides(at, at),
    }
    return {f"{field}.{name}": path for name, path in paths.items()}


def _about_earlier(noun: str, items: str, **fields: str) -> Reading:
    return Reading(
        f"iso20022.mandate.{noun}.v1",
        f"//n:{items}",
        {
            **_HEADER,
            "original_message.message_id": "n:OrgnlMsgInf/n:MsgId",
            "original_mandate_id": "n:OrgnlMndt/n:OrgnlMndtId",
            **_mandate("original_mandate", "n:OrgnlMndt/n:OrgnlMndt/"),
            **{name.replace("__", "."): path for name, path in fields.items()},
        },
    )


READINGS = {
    "pain.009": Reading("iso20022.mandate.initiation.v1", "//n:Mndt", {**_HEADER, **_mandate("mandate", "")}),
    "pain.010": _about_earlier(
        "amendment",
        "UndrlygAmdmntDtls",
        reason__reason__code="n:AmdmntRsn/n:Rsn/n:Cd",
        **_mandate("mandate", "n:Mndt/"),
    ),
    "pain.011": _about_earlier("cancellation", "UndrlygCxlDtls", reason__reason__code="n:CxlRsn/n:Rsn/n:Cd"),
    "pain.012": _about_earlier(
        "acceptance", "UndrlygAccptncDtls", rejection__reason__code="n:AccptncRslt/n:RjctRsn/n:Cd"
    ),
    "pain.017": _about_earlier("copy-request", "UndrlygCpyReqDtls", mandate_status__code="n:MndtSts/n:Cd"),
    "pain.018": _about_earlier("suspension", "UndrlygSspnsnDtls", suspension_request_id="n:SspnsnReqId"),
}
