"""What is wrong with a mapping file is told at load: file, line, and the nearest right name."""

from pathlib import Path

import pytest

from broker import law
from broker.catalogue import Catalogue
from broker.errors import MappingError
from broker.transform.mapping import Mappings

_CATALOGUE = Catalogue(law.folder("schemas/iso20022"))

_GOOD = """\
claims  pacs.008.001.08
message FIToFICstmrCdtTrf

event iso20022.payment.transfer.v1
  for each CdtTrfTxInf
  subject PmtId/UETR

  message
    id              = /GrpHdr/MsgId
  references
    end_to_end_id   = PmtId/EndToEndId
  settlement_amount = IntrBkSttlmAmt
  charge_bearer     = ChrgBr as bearer
  charges           = each ChrgsInf as charge
  debtor            = Dbtr as party
  debtor_agent      = DbtrAgt as agent
  creditor_agent    = CdtrAgt as agent
  creditor          = Cdtr as party
  count -> /GrpHdr/NbOfTxs
  "2025-11-03T09:00:00Z" -> /GrpHdr/CreDtTm
  "CLRG" -> /GrpHdr/SttlmInf/SttlmMtd

part party is Party
  name = Nm
part agent is Agent
  bic = FinInstnId/BICFI
part charge is Charge
  amount = Amt
  agent = Agt as agent
part level is Code
  code = Cd
part type is PaymentType
  service_levels = each SvcLvl as level
table bearer
  DEBT = debtor
  CRED = creditor
  SHAR = shared
  SLEV = service_level
"""


def _load(folder: Path, text: str) -> Mappings:
    (folder / "some.map").write_text(text, encoding="utf-8")
    return Mappings(folder, _CATALOGUE)


def test_good_file_loads(tmp_path: Path) -> None:
    """The file that the other tests break is itself in order."""
    mappings = _load(tmp_path, _GOOD)

    assert mappings.definitions() == ("pacs.008.001.08",)


@pytest.mark.parametrize(
    ("change", "line", "text"),
    [
        (
            ("IntrBkSttlmAmt", "IntrBkStlmAmt"),
            12,
            "IntrBkStlmAmt: CreditTransferTransaction39 has no IntrBkStlmAmt; did you mean IntrBkSttlmAmt?",
        ),
        (
            ("PmtId/EndToEndId", "PmtId/EndToEnd"),
            11,
            "PaymentIdentification7 has no EndToEnd; did you mean EndToEndId?",
        ),
        (("/GrpHdr/MsgId", "/GrpHdr/MsgID"), 9, "GroupHeader93 has no MsgID; did you mean MsgId?"),
        (("/GrpHdr/MsgId", "../../GrpHdr/MsgId"), 9, "goes further out than the message"),
        (("= IntrBkSttlmAmt", "= IntrBkSttlmDt"), 12, "settlement_amount holds money, but ISODate is date"),
        (
            ("= PmtId/EndToEndId", "= IntrBkSttlmAmt"),
            11,
            "end_to_end_id holds text, but ActiveCurrencyAndAmount is an amount",
        ),
        (
            ("= PmtId/EndToEndId", "= PmtId"),
            11,
            "end_to_end_id holds text, but PaymentIdentification7 is made of elements",
        ),
        (("each ChrgsInf", "ChrgsInf"), 14, "charges is a list: say `each ChrgsInf`"),
        (
            ("= IntrBkSttlmAmt", "= ChrgsInf/Amt"),
            12,
            "ChrgsInf/Amt repeats, but settlement_amount is one value: say first, last or only",
        ),
        (
            ("= IntrBkSttlmAmt", "= each ChrgsInf/Amt"),
            12,
            "settlement_amount is one value: say first, last or only, not each",
        ),
        (("= IntrBkSttlmAmt", "= only ChrgsInf/Amt"), 12, "cannot be written back: read settlement_amount with `<-`"),
        (
            ("= IntrBkSttlmAmt", "= IntrBkSttlmAmt when ChrgBr is DEBT"),
            12,
            "cannot be written back: read settlement_amount with `<-`",
        ),
        (
            ("  settlement_amount = IntrBkSttlmAmt\n", ""),
            4,
            "settlement_amount of iso20022.payment.transfer.v1 is required but has no certain source in pacs.008.001.0",
        ),
        (
            ("= IntrBkSttlmAmt", "= InstdAmt"),
            4,
            "settlement_amount of iso20022.payment.transfer.v1 is required but has no certain source",
        ),
        (
            ("    id              = /GrpHdr/MsgId", "    created_at = /GrpHdr/CreDtTm"),
            8,
            "message.id is required but has no certain source",
        ),
        (
            ("settlement_amount =", "setlement_amount ="),
            12,
            "Transfer has no field setlement_amount; did you mean settlement_amount?",
        ),
        (
            ("  creditor          = Cdtr as party", "  creditor = Cdtr as party\n  creditor = Dbtr as party"),
            19,
            "creditor stands twice",
        ),
        (("= Dbtr as party", "= Dbtr as partei"), 15, "there is no part or table partei; did you mean party?"),
        (("= Dbtr as party", "= Dbtr as agent"), 15, "agent makes Agent, but debtor holds Party"),
        (("= Dbtr as party", "= Dbtr"), 15, "debtor needs `as` and the name of a part that makes Party"),
        (("= ChrgBr as bearer", "= ChrgBr"), 13, "charge_bearer needs `as` and the name of a code table"),
        (("= Dbtr as party", "= DbtrAcct/Id as party"), 15, "nothing of part party is in AccountIdentification4Choice"),
        (("is Party\n", "is Partie\n"), 23, "there is no model Partie; did you mean Party?"),
        (("  name = Nm", "  name = /GrpHdr/MsgId"), 24, "a part cannot look outside itself"),
        (("  SHAR = shared\n", ""), 34, "table bearer lacks SHAR of ChargeBearerType1Code"),
        (("SHAR = shared", "SHAR = split"), 34, "charge_bearer does not know the word split"),
        (("  SLEV", "  SLEVE"), 34, "SLEVE is in no code list that bearer reads; did you mean SLEV?"),
        (
            ("CRED = creditor", "CRED = debtor"),
            13,
            "table bearer gives one word to several codes: read charge_bearer with `<-`",
        ),
        (
            ("= PmtId/EndToEndId", "= Purp/Cd as bearer"),
            34,
            "table bearer must say `otherwise`: ExternalPurpose1Code lets any code come",
        ),
        (
            ("claims  pacs.008.001.08", "claims  pacs.008.001.80"),
            1,
            "the catalogue has no pacs.008.001.80; did you mean pacs.008.001.",
        ),
        (
            ("claims  pacs.008.001.08", "claims  pacs.008.001.08\nclaims pacs.008.001.08"),
            2,
            "pacs.008.001.08 is claimed twice",
        ),
        (("claims  pacs.008.001.08", "claims  pacs.008"), 1, "expected `claims pacs.008.001.08`"),
        (
            ("settlement_amount = IntrBkSttlmAmt", "settlement_amount = IntrBkSttlmAmt | InstdAmt"),
            12,
            "InstdAmt is never reached: IntrBkSttlmAmt is always there",
        ),
        (
            ("each ChrgsInf as charge", "each ChrgsInf when ChrgBr is CRED, DEPT as charge"),
            14,
            "ChrgBr is never DEPT; did you mean DEBT?",
        ),
        (("subject PmtId/UETR", "subject PmtId/UETR when ChrgBr is not SHARED"), 4, "ChrgBr is never SHARED"),
        (
            ("settlement_amount = IntrBkSttlmAmt", "settlement_amount <- only /CdtTrfTxInf/IntrBkSttlmAmt"),
            4,
            "settlement_amount of iso20022.payment.transfer.v1 is required but has no certain source",
        ),
        (
            ("claims  pacs.008.001.08", "claims  pacs.008.001.08 to 07"),
            1,
            "the first version claimed is after the last",
        ),
        (
            ("message FIToFICstmrCdtTrf", "message FIToFICstmrCdtTr"),
            4,
            "pacs.008.001.08 has no message element FIToFICstmrCdtTr; did you mean FIToFICstmrCdtTrf?",
        ),
        (("for each CdtTrfTxInf", "for each CdtTrfTxInfo"), 4, "has no CdtTrfTxInfo; did you mean CdtTrfTxInf?"),
        (
            ("payment.transfer.v1", "payment.tranfer.v1"),
            4,
            "there is no event type iso20022.payment.tranfer.v1; did you mean iso20022.payment.transfer.v1?",
        ),
        (
            ("  count -> /GrpHdr/NbOfTxs\n", ""),
            4,
            "no line writes GrpHdr/NbOfTxs, which pacs.008.001.08 demands; or say `read only`",
        ),
        (
            ("  agent = Agt as agent\n", ""),
            4,
            "no line writes CdtTrfTxInf/ChrgsInf/Agt, which pacs.008.001.08 demands; or say `read only`",
        ),
        (
            ("event iso", "evnt iso"),
            4,
            "begins with one of claims, message, event, part, table, over, extension; did you mean event?",
        ),
        (("part agent is Agent", "part party is Agent"), 25, "party is defined twice"),
        (("part party is Party", "part party"), 23, "expected `part NAME is Model`"),
        (("= Dbtr as party", "Dbtr as party"), 15, "expected `name = source`"),
        (("= Dbtr as party", "= Dbtr-1 as party"), 15, "'Dbtr-1' is not a path"),
        (("= Dbtr as party", "= Dbtr as party | Cdtr"), 15, "is not a source"),
        (("  DEBT = debtor", "  DEBT debtor"), 35, "expected `CODE = word` or `otherwise word`"),
        (("  DEBT = debtor", "  DEBT = debtor\n  DEBT = debtor"), 36, "DEBT stands twice in the table"),
        (("  debtor            = Dbtr", "\tdebtor = Dbtr"), 15, "a tab; indent with spaces"),
        (("  debtor            = Dbtr", "     debtor = Dbtr"), 15, "nothing can stand under a field"),
        (("  DEBT = debtor", "   DEBT = debtor"), 36, "indented unlike the lines it belongs with"),
        (("  references\n", "  charges\n"), 10, "charges needs `each PATH` or lines beginning with `- `"),
        (
            (
                "  debtor            = Dbtr as party",
                "  intermediary_agents\n    - agent = IntrmyAgt1 as agent\n    agent = IntrmyAgt2 as agent",
            ),
            17,
            "each place of the list begins with `- `",
        ),
    ],
)
def test_problem_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], line: int, text: str) -> None:
    """Each kind of mistake is refused with MappingError at its own line."""
    assert change[0] in _GOOD

    with pytest.raises(MappingError) as refused:
        _load(tmp_path, _GOOD.replace(*change, 1))

    told = [each for each in str(refused.value).splitlines() if each.startswith(f"some.map:{line}: ")]
    assert any(text in each for each in told), str(refused.value)


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    """A file that is not UTF-8 is a problem of its line like any other."""
    (tmp_path / "some.map").write_bytes(_GOOD.encode() + "# für\n".encode("latin-1"))

    with pytest.raises(MappingError, match=rf"some\.map:{_GOOD.count(chr(10)) + 1}: not UTF-8"):
        Mappings(tmp_path, _CATALOGUE)


def test_a_file_of_another_platform_loads(tmp_path: Path) -> None:
    """A byte-order mark and the line ends of Windows make no difference."""
    (tmp_path / "some.map").write_bytes(b"\xef\xbb\xbf" + _GOOD.replace("\n", "\r\n").encode())

    assert Mappings(tmp_path, _CATALOGUE).definitions() == ("pacs.008.001.08",)


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    """Two mistakes are two lines, in the order of the file."""
    text = _GOOD.replace("IntrBkSttlmAmt", "IntrBkStlmAmt").replace("FinInstnId/BICFI", "FinInstnId/BICFO")

    with pytest.raises(MappingError) as refused:
        _load(tmp_path, text)

    lines = str(refused.value).splitlines()
    assert [each.split(": ")[0] for each in lines if "did you mean" in each] == ["some.map:12", "some.map:26"]


def test_alternative_must_exist_in_one_claimed_version(tmp_path: Path) -> None:
    """BIC is right where version 02 is claimed too, and unreachable where it is not."""
    text = _GOOD.replace("FinInstnId/BICFI", "FinInstnId/BICFI | FinInstnId/BIC")

    with pytest.raises(MappingError, match="has no BIC;"):
        _load(tmp_path, text)
    text = text.replace("  for each", "  read only\n  for each")
    both = _load(tmp_path, text.replace("claims  pacs.008.001.08", "claims  pacs.008.001.02 to 08"))

    assert len(both.definitions()) == 7


def test_alternative_may_be_reached_in_some_versions_alone(tmp_path: Path) -> None:
    """What is always there in one version and not in another leaves the next alternative its use."""
    text = (
        _GOOD.replace("= PmtId/EndToEndId", "= PmtId/EndToEndId\n    transaction_id  = PmtId/TxId | PmtId/InstrId")
        .replace("  subject", "  read only\n  subject")
        .replace("BICFI", "BICFI | FinInstnId/BIC")
    )

    with pytest.raises(MappingError, match="PmtId/InstrId is never reached: PmtId/TxId is always there"):
        _load(tmp_path, text.replace("claims  pacs.008.001.08", "claims  pacs.008.001.02 to 03"))
    all_of_them = _load(tmp_path, text.replace("claims  pacs.008.001.08", "claims  pacs.008.001.02 to 08"))

    assert len(all_of_them.definitions()) == 7


def test_an_event_type_leads_back_to_one_place(tmp_path: Path) -> None:
    """Items of one type may be read from several places, but it must be plain where they are written."""
    margin, _, rest = _GOOD.partition("event ")
    event, _, parts = rest.partition("part party")
    read_only = event.replace("  subject", "  read only\n  subject")

    with pytest.raises(MappingError, match=r"leads back to several places: say `read only` in all but one"):
        _load(tmp_path, f"{margin}event {event}event {event}part party{parts}")

    mappings = _load(tmp_path, f"{margin}event {event}event {read_only}part party{parts}")
    assert mappings.outward("pacs.008.001.08") == ("iso20022.payment.transfer.v1",)
