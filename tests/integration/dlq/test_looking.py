"""`dlq list` and `dlq show` on a real database."""

import stat
from pathlib import Path
from uuid import uuid4

import pytest

from broker.message.failure import FailureCode
from tests.support.office import dead, dlq, parked_publication
from tests.support.store import Store


async def test_the_list_shows_what_is_unresolved(store: Store) -> None:
    """Open dead letters are listed, oldest first; a discarded one is listed only when its state is asked for."""
    first, gone, second = await dead(store), await dead(store), await dead(store)
    await dlq(store.dsn, "discard", str(gone), "--because", "empty")

    listed = await dlq(store.dsn, "list", "--json")
    discarded = await dlq(store.dsn, "list", "--state", "discarded", "--json")

    assert [each["id"] for each in listed.objects] == [str(first), str(second)]
    assert [each["id"] for each in discarded.objects] == [str(gone)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--tenant", "north"], "ab"),
        (["--tenant", "south"], "c"),
        (["--channel", "core-b"], "b"),
        (["--code", "parse.malformed"], "bc"),
        (["--code", "parse.malformed", "--tenant", "north"], "b"),
        (["--state", "waiting"], ""),
        (["--state", "parked", "--state", "waiting"], "abc"),
        (["--older-than", "1h"], ""),
        (["--newer-than", "1h"], "abc"),
        (["--definition", "pacs.008.001.08"], "abc"),
        (["--definition", "pacs.002.001.10"], ""),
    ],
)
async def test_filters_narrow(store: Store, words: list[str], expected: str) -> None:
    """Each filter alone and two together leave what fits."""
    made = {
        "a": await dead(store),
        "b": await dead(store, FailureCode.PARSE_MALFORMED, channel="core-b"),
        "c": await dead(store, FailureCode.PARSE_MALFORMED, tenant="south"),
    }

    listed = await dlq(store.dsn, "list", "--json", *words)

    assert [each["id"] for each in listed.objects] == [str(made[name]) for name in expected]
    assert listed.code == 0


async def test_a_person_sees_a_table(store: Store) -> None:
    """Without --json a line holds id, state, code, channel and definition, and says when there is nothing."""
    nothing = await dlq(store.dsn, "list")
    letter = await dead(store)
    (line,) = [line for line in (await dlq(store.dsn, "list")).out.splitlines() if str(letter) in line]

    assert nothing.out == "no dead letters\n"
    assert line.split()[:5] == [str(letter), "parked", "validate.schema", "core-a", "pacs.008.001.08"]


async def test_the_list_says_when_there_are_more(store: Store) -> None:
    """At most the limit is shown, the oldest first, and more are mentioned."""
    first = await dead(store)
    await dead(store)

    listed = await dlq(store.dsn, "list", "--limit", "1", "--json")

    assert [each["id"] for each in listed.objects] == [str(first)]
    assert "there are more" in listed.err


async def test_an_explanation_holds_reason_and_runbook_without_the_bytes(store: Store) -> None:
    """`show` gives code, reason, origin, policy and runbook; the payload stays away and nobody is noted as viewer."""
    letter = await dead(store, body=b"<Secret>DE00</Secret>")

    shown = await dlq(store.dsn, "show", str(letter))

    assert shown.code == 0
    for part in ("validate.schema", "It does not fit.", "BUSINESS-1", "replay by: operator", "What to check"):
        assert part in shown.out
    assert "Secret" not in shown.out
    assert "viewed" not in [kind for kind, _ in await store.rows.audited()]


async def test_looking_at_the_bytes_is_audited(store: Store) -> None:
    """The payload is shown when asked for, harmlessly, and the audit log keeps who looked."""
    letter = await dead(store, body=b"<Secret>\x1b[31m\xff</Secret>")

    shown = await dlq(store.dsn, "show", str(letter), "--payload", "--by", "noor")

    leaf = await store.rows.value("SELECT leaf FROM broker.audit_entry WHERE kind = 'viewed'")
    assert r"<Secret>\x1b[31m\xff</Secret>" in shown.out
    assert b'"by":"noor"' in leaf
    assert str(letter).encode() in leaf


async def test_the_bytes_are_saved_for_their_owner_alone(store: Store, tmp_path: Path) -> None:
    """--save writes exactly what was received into a new file that nobody else reads, and keeps one that exists."""
    body = b"\xef\xbb\xbf<Secret>\r\n</Secret>"
    letter = await dead(store, body=body)
    file = tmp_path / "message.xml"

    saved = await dlq(store.dsn, "show", str(letter), "--save", str(file))
    again = await dlq(store.dsn, "show", str(letter), "--save", str(file))

    assert (saved.code, file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (0, body, 0o600)
    assert (again.code, file.read_bytes()) == (2, body)
    assert (await store.rows.audited())[-2:] == [("viewed", (await store.rows.audited())[0][1])] * 2


async def test_a_program_reads_the_explanation(store: Store) -> None:
    """`show --json` gives one object with lineage, and the payload only when asked for."""
    letter = await dead(store, body=b"<Secret/>")

    (plain,) = (await dlq(store.dsn, "show", str(letter), "--json")).objects
    (full,) = (await dlq(store.dsn, "show", str(letter), "--json", "--payload")).objects

    assert (plain["id"], plain["lineage"], "payload" in plain) == (str(letter), [str(letter)], False)
    assert full == {**plain, "payload": "<Secret/>"}


async def test_a_parked_publication_says_that_its_message_was_accepted(store: Store) -> None:
    """An operator must not take a parked publication for a rejected message."""
    letter = await parked_publication(store)

    assert "the message itself was accepted" in (await dlq(store.dsn, "show", str(letter))).out


async def test_another_tenants_dead_letter_is_not_seen(store: Store) -> None:
    """With a tenant given, the dead letter of another one does not exist."""
    letter = await dead(store, tenant="south")

    assert (await dlq(store.dsn, "show", str(letter), "--tenant", "north")).code == 1
    assert (await dlq(store.dsn, "show", str(letter), "--tenant", "south")).code == 0


async def test_what_does_not_exist_is_said(store: Store) -> None:
    """An unknown id ends with 1 and is named."""
    missing = uuid4()

    shown = await dlq(store.dsn, "show", str(missing))

    assert shown.code == 1
    assert f"there is no dead letter {missing}" in shown.err


@pytest.mark.parametrize(
    "words",
    [
        ["list", "--code", "validate.shema"],
        ["list", "--older-than", "2w"],
        ["list", "--state", "dead"],
        ["list", "--limit", "0"],
        ["show", "not-an-id"],
        ["show"],
        ["nonsense"],
    ],
)
async def test_wrong_usage_ends_with_two(dsn: str, words: list[str]) -> None:
    """What cannot be understood is refused before anything is looked at."""
    assert (await dlq(dsn, *words)).code == 2


async def test_an_absent_database_ends_with_three(unused_tcp_port: int) -> None:
    """Nobody at the database's address: the program says so, without a traceback."""
    ran = await dlq(f"postgresql://broker:geheim@127.0.0.1:{unused_tcp_port}/broker", "list")

    assert ran.code == 3
    assert "geheim" not in ran.err + ran.out
    assert "BROKER_DATABASE_URL" in ran.err
