"""A file as UTF-8 in slices: what is said of it is what is said of the same bytes in memory, wherever slices end."""

import hashlib
import io

import pytest

from broker.message.failure import Failure, FailureCode
from broker.parse import Limits
from broker.parse.encoding import Utf8, to_utf8
from broker.parse.utf8_stream import Utf8Stream

LIMITS = Limits(100_000, 10_000, 8, 64, 1_000)
TEXT = "<a>Grünwasser, Łódź, 漢字 and 😀</a>"
LATIN = "<a>Grünwasser &amp; Célia</a>"
BODIES = {
    "UTF-8": TEXT.encode(),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + TEXT.encode(),
    "UTF-8 declared": b'<?xml version="1.0" encoding="utf-8"?>' + TEXT.encode(),
    "Latin-1": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + LATIN.encode("latin-1"),
    "ASCII": b"<?xml version='1.0' encoding='us-ascii'?><a>plain</a>",
    "UTF-16": f'<?xml version="1.0" encoding="UTF-16"?>{TEXT}'.encode("utf-16"),
    "UTF-16BE": f'<?xml version="1.0" encoding="UTF-16BE"?>{TEXT}'.encode("utf-16-be"),
    "UTF-16 without a word": TEXT.encode("utf-16-le"),
    "Latin-1 not declared": LATIN.encode("latin-1"),
    "Latin-1 declared over UTF-8": b'<?xml version="1.0" encoding="ISO-8859-1"?>' + TEXT.encode(),
    "Windows-1252": b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\x80 \xe9</a>',
    "ASCII that is none": b'<?xml version="1.0" encoding="US-ASCII"?><a>\xc3\xa9</a>',
    "UTF-16 with half a pair": f'<?xml version="1.0" encoding="UTF-16"?>{TEXT}'.encode("utf-16")[:-9] + b"\x3d\xd8a\0",
    "UTF-8 cut in a letter": "<a>é".encode()[:-1],
    "unknown": b'<?xml version="1.0" encoding="KLINGON-1"?><a/>',
    "white space before": b'\n <?xml version="1.0"?><a/>',
    "UTF-32": TEXT.encode("utf-32"),
}
DECLARED = 64  # bytes: the first slice holds the declaration


def _read(body: bytes, slice_bytes: int, limits: Limits = LIMITS) -> tuple[bytes | Failure, Utf8Stream]:
    stream = Utf8Stream(io.BytesIO(body), limits, slice_bytes)
    texts = list(stream.slices())
    failures = [each for each in texts if isinstance(each, Failure)]
    assert failures in ([], texts[-1:])
    return failures[0] if failures else b"".join(each for each in texts if isinstance(each, bytes)), stream


@pytest.mark.parametrize("name", BODIES)
def test_a_stream_is_decoded_like_bytes_in_memory(name: str) -> None:
    """The same text or the same failure, and the same finding, in slices of every size."""
    body = BODIES[name]
    whole = to_utf8(body)
    for slice_bytes in [*range(DECLARED * 2, DECLARED * 2 + 40), 10_000]:
        given, stream = _read(body, slice_bytes)
        if isinstance(whole, Utf8):
            assert (given, stream.finding) == (whole.text, whole.finding)
        else:
            assert given == whole


def test_digest_and_size_are_those_of_the_file() -> None:
    """They are of what was received, also where reading ended early and the rest was drained."""
    body = BODIES["UTF-16"] * 3
    _, read = _read(body, 100)
    refused = Utf8Stream(io.BytesIO(b"\n <?xml version='1.0'?>" + body), LIMITS, 50)
    assert isinstance(next(refused.slices()), Failure)
    refused.drain()
    assert (read.size, read.digest) == (len(body), hashlib.sha256(body).digest())
    assert refused.digest == hashlib.sha256(b"\n <?xml version='1.0'?>" + body).digest()


@pytest.mark.parametrize("slice_bytes", [50, 51, 55, 60, 1_000])
@pytest.mark.parametrize(
    ("inside", "code"),
    [
        (b"<!DOCTYPE b>", FailureCode.PARSE_DOCTYPE),
        (b"<!-- <!ENTITY b 'c'> -->", FailureCode.PARSE_DOCTYPE),
        (b"<b/>" * 10_001, FailureCode.PARSE_TOO_MANY_ELEMENTS),
        (b"<b " + b" ".join(b"c%d='1'" % each for each in range(9)) + b"/>", FailureCode.PARSE_TOO_MANY_ATTRIBUTES),
        (b"x" * 1_001, FailureCode.PARSE_TEXT_TOO_LONG),
        (b"<b c='" + b"x" * 3_000 + b"'/>", FailureCode.PARSE_TEXT_TOO_LONG),
        ((b"<b>" + b"1" * 500 + b"</b>") * 200, FailureCode.RECEIVE_TOO_LARGE),
    ],
)
def test_each_limit_holds_across_slices(slice_bytes: int, inside: bytes, code: FailureCode) -> None:
    """What is refused is refused wherever slices end in it."""
    given, _ = _read(b"<a>" + b"<b>1</b>" * 6 + inside + b"</a>", slice_bytes)
    assert isinstance(given, Failure)
    assert given.code is code


def test_what_just_fits_is_read() -> None:
    """A text, attributes and elements at their limits pass."""
    attributes = b" ".join(b"c%d='1'" % each for each in range(8))
    body = b"<a>" + b"x" * 1_000 + b"<b " + attributes + b"/>" + b"<b/>" * 9_000 + b"</a>"
    assert _read(body, 100)[0] == body
