"""What is remembered of shapes: when they are learnt, what is not, and how many."""

from collections.abc import Sequence

import pytest

from broker.catalogue import Catalogue
from broker.law import folder
from broker.message.envelope import Direction
from broker.observability.traces import no_span
from broker.parse import Limits
from broker.pipeline.channel import ChannelPlan
from broker.pipeline.inbound import Inbound
from broker.pipeline.outcome import Accepted, Rejected
from broker.pipeline.shapes import LEARNT_AT, Shapes
from broker.transform.mapping import Mappings
from tests.support.envelopes import envelope
from tests.support.mutations import good_message

CATALOGUE = Catalogue(folder("schemas/iso20022"))
MAPPINGS = Mappings(folder("mappings"), CATALOGUE)
LIMITS = Limits(1_000_000, 100_000, 64, 64, 100_000)
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:admi.002.001.01"
REJECT = (
    f'<?xml version="1.0"?>\n<Document xmlns="{NAMESPACE}"><admi.002.001.01><RltdRef><Ref>R{{}}</Ref></RltdRef>'
    "<Rsn><RjctgPtyRsn>{}</RjctgPtyRsn></Rsn></admi.002.001.01></Document>"
)


def way(limits: Limits = LIMITS, most_bytes: int = 100_000) -> Inbound:
    """Give an inbound way that met no message."""
    made = Inbound(CATALOGUE, MAPPINGS, limits, 100)
    made._shapes = Shapes(CATALOGUE, lambda _: None, most_bytes)
    return made


def run(inbound: Inbound, bodies: Sequence[bytes | str], plan: ChannelPlan | None = None) -> None:
    """Run messages that are accepted."""
    for body in bodies:
        sent = body.encode() if isinstance(body, str) else body
        assert isinstance(inbound.run(envelope(sent, Direction.INBOUND), plan or ChannelPlan(), no_span), Accepted), (
            body
        )


def known(inbound: Inbound) -> list[str]:
    """The shapes that were learnt, the one met last at the end."""
    return list(inbound._shapes._known)


def test_a_shape_is_learnt_when_it_comes_often() -> None:
    """Messages of one shape that differ in their values count together; once before the last time nothing is kept."""
    inbound = way()
    run(inbound, [REJECT.format(number, "X") for number in range(LEARNT_AT - 1)])
    assert known(inbound) == []

    run(inbound, [REJECT.format("last", "X")])

    assert len(known(inbound)) == 1


@pytest.mark.parametrize(
    ("value", "learnt"),
    [
        ("plain", True),
        (" spaces at both ends ", True),
        ("é漢\U0001f4b6", True),
        ("a > b", True),
        ("\ue0000\ue001", True),
        ("two\nlines", True),
        ("a &amp; b", False),
        ("a<!-- -->b", False),
        ("<![CDATA[a]]>", False),
        ("a<?b c?>d", False),
        ("a\r\nb", False),
    ],
)
def test_only_a_text_that_stands_as_it_is_has_a_shape(value: str, learnt: bool) -> None:  # noqa: FBT001 - a parameter
    """A value that is written any other way than it reads is read from the tree."""
    inbound = way()

    run(inbound, [REJECT.format("m", value)] * LEARNT_AT)

    assert bool(known(inbound)) is learnt


def test_what_was_met_longest_ago_is_forgotten() -> None:
    """The markup that is kept has a limit; a shape that was forgotten is learnt like a new one."""
    kinds = [good_message(kind, 1) for kind in ("transfer", "return", "status")]
    inbound = way(most_bytes=3_500)
    run(inbound, kinds[:1] * LEARNT_AT + kinds[2:] * LEARNT_AT + kinds[:1])
    assert ["FIToFICstmr" in each for each in known(inbound)] == [False, True]

    run(inbound, kinds[1:2] * LEARNT_AT)

    assert "PmtRtr" in known(inbound)[-1]
    assert not any("FIToFIPmtStsRpt" in each for each in known(inbound))
    assert inbound._shapes._bytes == sum(map(len, known(inbound))) <= 3_500


def test_a_shape_that_cannot_be_learnt_is_not_tried_again() -> None:
    """Where the text is not the tree's, value by value, the message is parsed as ever."""
    inbound = way()
    wrapped = REJECT.partition("\n")[2].replace("<admi", '<x:admi xmlns:x="urn:x"><y/></x:admi><admi') + "\n"
    bodies = [f'<a b="c > d">{wrapped.format(number, "X")}</a>' for number in range(3 * LEARNT_AT)]
    for body in bodies:
        inbound.run(envelope(body.encode(), Direction.INBOUND), ChannelPlan(lenient=True), no_span)

    assert known(inbound) == []


def test_an_attribute_belongs_to_the_shape() -> None:
    """An amount in another currency has another shape, and is judged by its own."""
    euros = good_message("transfer", 1)
    inbound = way()
    run(inbound, [euros] * LEARNT_AT)
    wrong = envelope(euros.replace(b'Ccy="EUR"', b'Ccy="ZZZ"', 1), Direction.INBOUND)

    outcome = inbound.run(wrong, ChannelPlan(), no_span)

    assert isinstance(outcome, Rejected)


def test_limits_hold_for_a_shape_that_was_learnt() -> None:
    """A text that is longer than texts may be is refused, though a shorter one of its shape was taken."""
    inbound = way(Limits(1_000_000, 100_000, 64, 64, 400))
    run(inbound, [REJECT.format("m", "X")] * LEARNT_AT)
    long = envelope(REJECT.format("m", "X" * 500).encode(), Direction.INBOUND)

    outcome = inbound.run(long, ChannelPlan(), no_span)

    assert isinstance(outcome, Rejected)
    assert outcome.failure.code == "parse.text-too-long"


def test_a_channel_that_does_not_accept_a_definition_refuses_it_still() -> None:
    """What one channel has learnt opens no other."""
    inbound = way()
    run(inbound, [REJECT.format("m", "X")] * LEARNT_AT)
    message = envelope(REJECT.format("n", "X").encode(), Direction.INBOUND)

    outcome = inbound.run(message, ChannelPlan(accepts=frozenset({"pacs.008.001.08"})), no_span)

    assert isinstance(outcome, Rejected)
    assert outcome.failure.code == "identify.not-accepted"
