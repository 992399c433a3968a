"""The frames of a publish, read back by the client library's own decoder."""

from hypothesis import given
from hypothesis import strategies as st
from pamqp import commands, frame
from pamqp.body import ContentBody
from pamqp.header import ContentHeader

from broker.transport.amqp.frames import publish_frames
from broker.transport.seam import Publication

_SHORT = st.text(max_size=60)
_BODY_MAX = 32
_PUBLICATIONS = st.builds(
    Publication,
    exchange=st.text("abc.-_", max_size=60),
    routing_key=_SHORT,
    event_id=_SHORT,
    body=st.binary(max_size=200),
    content_type=_SHORT,
    correlation_id=st.none() | _SHORT,
    headers=st.dictionaries(st.text(max_size=30), st.text(max_size=400), max_size=4),
)


@given(_PUBLICATIONS, st.integers(1, 65_535), _SHORT)
def test_the_client_library_reads_what_was_meant(publication: Publication, channel: int, key: str) -> None:
    """Method, properties, headers and body come back as they were, in frames of at most the size allowed."""
    rest = publish_frames(channel, _BODY_MAX, publication, publication.headers, key)
    frames = []
    while rest:
        consumed, at, got = frame.unmarshal(rest)
        assert at == channel
        frames.append(got)
        rest = rest[consumed:]

    method, header, *body = frames
    assert isinstance(method, commands.Basic.Publish)
    assert (method.exchange, method.routing_key, method.mandatory, method.immediate) == (
        publication.exchange,
        publication.routing_key,
        True,
        False,
    )
    assert isinstance(header, ContentHeader)
    said = header.properties
    assert (said.content_type, said.correlation_id, said.message_id, said.delivery_mode) == (
        publication.content_type,
        publication.correlation_id,
        key,
        2,
    )
    assert said.headers == publication.headers
    assert header.body_size == len(publication.body)
    parts = [each.value for each in body if isinstance(each, ContentBody)]
    assert b"".join(parts) == publication.body
    assert all(0 < len(each) <= _BODY_MAX for each in parts)
