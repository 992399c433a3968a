"""`dlq replay` and `dlq discard` on a real database: at most once, by whom, why, and how to go on."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from broker.message.envelope import Envelope
from broker.message.failure import FailureCode
from broker.pipeline.outcome import Outcome
from broker.pipeline.policy import Role
from broker.store.codec import PlainCodec
from broker.store.dead_letters import Decision
from dlq.office import Office, OfficeConfig, open_office
from dlq.replaying import Order, Result, outcome, replay
from tests.support.office import dead, dlq, parked_publication, worker
from tests.support.outcomes import accepted, rejected
from tests.support.store import Store

BECAUSE = ("--because", "mended")
ORDER = Order(Decision("mia", "mended"), Role.OPERATOR, rate=10_000)


@pytest.fixture
async def office(store: Store) -> AsyncIterator[Office]:
    """The office on the test's database."""
    async with open_office(OfficeConfig(store.database, PlainCodec())) as opened:
        yield opened


async def no_pause(_: float) -> None:
    """Give others their turn instead of waiting."""
    await asyncio.sleep(0)


async def states(store: Store) -> dict[UUID, str]:
    """The state of each dead letter."""
    rows = await store.rows.connection.fetch("SELECT id, state FROM broker.dead_letter")
    return {row["id"]: row["state"] for row in rows}


async def test_a_replay_is_requested_with_who_and_why(store: Store) -> None:
    """A request changes the state and keeps the login name and the reason."""
    letter = await dead(store)

    ran = await dlq(store.dsn, "replay", str(letter), "--because", "sender agreed", "--json")

    row = await store.rows.one("SELECT state, decided_by, decided_because FROM broker.dead_letter")
    assert (ran.code, ran.results) == (0, ["requested"])
    assert tuple(row) == ("requested", "mia", "sender agreed")


async def test_the_second_request_says_that_there_was_a_first(store: Store) -> None:
    """Clicking twice asks once: before and after it was carried out, the program names who asked, and is content."""
    letter = await dead(store)
    await dlq(store.dsn, "replay", str(letter), *BECAUSE)

    second = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--by", "noor")
    await store.dead_letters().redrive(accepted, 10)
    third = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--by", "noor")

    assert (second.code, third.code) == (0, 0)
    assert "is requested already by mia" in second.out
    assert "was replayed already by mia" in third.out
    assert [kind for kind, _ in await store.rows.audited()].count("replay-requested") == 1


async def test_two_operators_at_once_replay_once(store: Store, office: Office) -> None:
    """Of two bulk replays of the same set, each dead letter is requested by exactly one."""
    letters = [await dead(store) for _ in range(20)]

    async with open_office(OfficeConfig(store.database, PlainCodec())) as other:
        mine, theirs = await asyncio.gather(_results(office, letters), _results(other, letters))

    assert all({a, b} == {Result.REQUESTED, Result.ALREADY} for a, b in zip(mine, theirs, strict=True))
    assert [kind for kind, _ in await store.rows.audited()].count("replay-requested") == 20


async def _results(office: Office, letters: list[UUID]) -> list[Result]:
    return [answer.result async for answer in replay(office, letters, ORDER)]


async def test_a_bulk_replay_means_what_failed_until_now(store: Store) -> None:
    """A filter takes the open ones that fit and nothing else; what failed after --before does not join."""
    fits, other = await dead(store), await dead(store, FailureCode.PARSE_MALFORMED)
    until = await store.rows.value("SELECT max(created_at) FROM broker.dead_letter")
    later = await dead(store)

    ran = await dlq(store.dsn, "replay", "--code", "validate.schema", "--before", until.isoformat(), *BECAUSE, "--json")

    assert [each["id"] for each in ran.objects] == [str(fits)]
    assert await states(store) == {fits: "requested", other: "parked", later: "parked"}


async def test_an_interrupted_bulk_replay_goes_on(store: Store, office: Office) -> None:
    """Stopped after some and given again, the rest is asked for and none twice."""
    letters = [await dead(store) for _ in range(6)]
    asked = 0
    async for _ in replay(office, letters, ORDER):
        asked += 1
        if asked == 3:
            break

    again = await _results(office, letters)

    assert again == [Result.ALREADY] * 3 + [Result.REQUESTED] * 3
    assert set((await states(store)).values()) == {"requested"}
    assert [kind for kind, _ in await store.rows.audited()].count("replay-requested") == 6


async def test_an_interruption_says_how_to_go_on(store: Store) -> None:
    """Ctrl-C ends the program with the command that goes on with the same set; what was asked for stays asked for."""
    for _ in range(3):
        await dead(store)
    command = [sys.executable, "-m", "dlq", "replay", "--code", "validate.schema", *BECAUSE, "--rate", "0.01"]
    environment = {**os.environ, "BROKER_DATABASE_URL": store.dsn, "COLUMNS": "400"}
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environment,
        stdout=PIPE,
        stderr=PIPE,
        # Tests that run in the background of a shell inherit SIGINT as ignored; Ctrl-C at a terminal is not.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    assert b"requested" in await process.stdout.readline()

    process.send_signal(signal.SIGINT)
    _, said = await process.communicate()

    assert process.returncode == 1
    assert b"--code validate.schema" in said
    assert b"--before 20" in said
    assert sorted((await states(store)).values()) == ["parked", "parked", "requested"]


async def test_replays_are_no_faster_than_the_rate(
    store: Store, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At four a second the fifth request comes after a second: each waits for its turn."""
    letters = [await dead(store) for _ in range(5)]
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("dlq.replaying.monotonic", lambda: sum(waits))  # no time passes but what is waited
    order = Order(ORDER.decision, ORDER.role, rate=4)
    assert len([answer async for answer in replay(office, letters, order, pause)]) == 5
    assert waits == [0.25] * 4


async def test_edited_bytes_are_what_is_tried(store: Store, tmp_path: Path) -> None:
    """With --with the worker gets the file's bytes; the received ones stay, and the audit log commits to both."""
    letter = await dead(store, body=b"<wrong/>")
    file = tmp_path / "mended.xml"
    file.write_bytes(b"<right/>")
    tried: list[bytes] = []

    def run(source: Envelope) -> Outcome:
        tried.append(source.body)
        return accepted(source)

    ran = await dlq(store.dsn, "replay", str(letter), "--with", str(file), *BECAUSE, "--json")
    await store.dead_letters().redrive(run, 10)

    assert ran.results == ["requested"]
    assert tried == [b"<right/>"]
    assert await store.rows.value("SELECT body FROM broker.dead_letter") == b"<wrong/>"
    assert b'"edited"' in await store.rows.value("SELECT leaf FROM broker.audit_entry WHERE kind = 'replay-requested'")


@pytest.mark.parametrize(
    ("run", "code", "result"),
    [(accepted, 0, "accepted"), (rejected, 1, "rejected")],
)
async def test_waiting_tells_what_came_of_it(
    store: Store, run: Callable[[Envelope], Outcome], code: int, result: str
) -> None:
    """With --wait the program ends when a worker has carried it out, and says whether it failed again."""
    letter = await dead(store)

    async with worker(store, run):
        ran = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--wait", "--json")

    children = await store.rows.column("SELECT id::text FROM broker.dead_letter WHERE parent_id = $1", letter)
    assert (ran.code, ran.results) == (code, [result])
    assert (await states(store))[letter] == "replayed"
    assert [each["child"] for each in ran.objects if each["child"]] == children


async def test_a_failed_replay_shows_its_lineage(store: Store) -> None:
    """The child of a replay that failed again leads back to its parent, and the parent to it."""
    letter = await dead(store)
    await dlq(store.dsn, "replay", str(letter), *BECAUSE)
    await store.dead_letters().redrive(rejected, 10)

    (shown,) = (await dlq(store.dsn, "show", str(letter), "--json")).objects

    child = await store.rows.value("SELECT id::text FROM broker.dead_letter WHERE parent_id = $1", letter)
    assert shown["lineage"] == [str(letter), child]


async def test_waiting_without_a_worker_says_so(store: Store, office: Office) -> None:
    """Nobody carries it out: the request stands, and the answer names the missing worker."""
    letter = await dead(store)
    (asked,) = [answer async for answer in replay(office, [letter], ORDER)]

    waited = await outcome(office, asked, timeout_s=0, pause=no_pause)

    assert waited.result is Result.REQUESTED
    assert "no worker has taken it yet" in waited.text


@pytest.mark.parametrize(
    "code", [FailureCode.RECEIVE_CONFLICT, FailureCode.RECEIVE_POISON, FailureCode.RECEIVE_DELIVERY_LIMIT]
)
async def test_some_codes_need_a_supervisor(store: Store, code: FailureCode) -> None:
    """An operator is refused where the policy says supervisor, and told so; a supervisor is not."""
    letter = await dead(store, code)
    supervised = code is not FailureCode.RECEIVE_DELIVERY_LIMIT

    operator = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--json")
    supervisor = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--role", "supervisor", "--json")

    assert (operator.code, operator.results) == ((1, ["forbidden"]) if supervised else (0, ["requested"]))
    assert (supervisor.code, supervisor.results) == (0, ["requested" if supervised else "already"])


async def test_a_parked_publication_is_published_again(store: Store) -> None:
    """Its replay puts it back into the outbox under the same event id, at once and without the pipeline."""
    letter = await parked_publication(store)

    ran = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--wait", "--json")

    assert (ran.code, ran.results) == (0, ["publishing"])
    assert await store.rows.count("outbox_pending") == 1
    assert (await states(store))[letter] == "replayed"


async def test_a_publication_cannot_be_edited(store: Store, tmp_path: Path) -> None:
    """Other bytes for a publication are refused as usage, and it stays parked."""
    letter = await parked_publication(store)
    file = tmp_path / "mended.xml"
    file.write_bytes(b"<right/>")

    ran = await dlq(store.dsn, "replay", str(letter), "--with", str(file), *BECAUSE)

    assert ran.code == 2
    assert (await states(store))[letter] == "parked"


async def test_a_dry_run_changes_nothing(store: Store) -> None:
    """What would be requested or discarded is named, and everything stays as it is."""
    letter = await dead(store)
    before = await store.rows.counts()

    replayed = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--dry-run", "--json")
    discarded = await dlq(store.dsn, "discard", str(letter), *BECAUSE, "--dry-run", "--json")

    assert (replayed.results, discarded.results) == (["requested"], ["discarded"])
    assert await states(store) == {letter: "parked"}
    assert await store.rows.counts() == before


async def test_discarding_is_for_good(store: Store) -> None:
    """A discarded dead letter ends with its message, is not replayed any more, and stays readable."""
    letter = await dead(store)

    ran = await dlq(store.dsn, "discard", str(letter), "--because", "sent again", "--json")
    twice = await dlq(store.dsn, "discard", str(letter), "--because", "sent again", "--json")
    replayed = await dlq(store.dsn, "replay", str(letter), *BECAUSE, "--json")

    assert (ran.code, twice.code, ran.results, twice.results) == (0, 0, ["discarded"], ["discarded"])
    assert (replayed.code, replayed.results) == (1, ["discarded"])
    assert await store.rows.value("SELECT state FROM broker.message") == "discarded"
    assert (await dlq(store.dsn, "show", str(letter))).code == 0
    assert [kind for kind, _ in await store.rows.audited()] == ["rejected", "discarded"]


async def test_discarding_by_filter_takes_what_fits(store: Store) -> None:
    """A filter discards the open ones that fit and leaves the others."""
    fits, other = await dead(store, channel="core-b"), await dead(store)

    ran = await dlq(store.dsn, "discard", "--channel", "core-b", "--because", "test traffic", "--json")

    assert [each["id"] for each in ran.objects] == [str(fits)]
    assert await states(store) == {fits: "discarded", other: "parked"}


async def test_what_is_too_late_to_discard_is_said(store: Store) -> None:
    """A requested dead letter and an unknown id are not discarded; the exit code says that not all were."""
    letter, missing = await dead(store), uuid4()
    await dlq(store.dsn, "replay", str(letter), *BECAUSE)

    ran = await dlq(store.dsn, "discard", str(letter), str(missing), *BECAUSE, "--json")

    assert (ran.code, ran.results) == (1, ["already", "unknown"])


async def test_an_unknown_id_is_not_replayed(store: Store) -> None:
    """An id nobody knows ends with 1; those beside it are asked for all the same."""
    letter = await dead(store)

    ran = await dlq(store.dsn, "replay", str(uuid4()), str(letter), str(letter), *BECAUSE, "--json")

    assert (ran.code, ran.results) == (1, ["unknown", "requested"])


async def test_another_tenants_are_left_alone(store: Store) -> None:
    """A bulk replay for one tenant leaves the other's dead letters as they are."""
    mine, theirs = await dead(store), await dead(store, tenant="south")

    await dlq(store.dsn, "replay", "--tenant", "north", "--code", "validate.schema", *BECAUSE)

    assert await states(store) == {mine: "requested", theirs: "parked"}


@pytest.mark.parametrize(
    "words",
    [
        ["replay", str(UUID(int=1))],
        ["replay", str(UUID(int=1)), "--because", " "],
        ["replay", *BECAUSE],
        ["replay", str(UUID(int=1)), "--code", "validate.schema", *BECAUSE],
        ["replay", "--code", "validate.schema", "--with", "README.md", *BECAUSE],
        ["replay", str(UUID(int=1)), "--with", "/dev/null", *BECAUSE],
        ["replay", str(UUID(int=1)), "--with", "no-such-file", *BECAUSE],
        ["replay", str(UUID(int=1)), "--by", " ", *BECAUSE],
        ["replay", str(UUID(int=1)), "--rate", "0", *BECAUSE],
        ["replay", str(UUID(int=1)), "--role", "king", *BECAUSE],
        ["discard", *BECAUSE],
        ["discard", str(UUID(int=1))],
    ],
)
async def test_wrong_usage_changes_nothing(dsn: str, words: list[str]) -> None:
    """Without a reason, without a selection, or with a contradiction the program ends with 2."""
    assert (await dlq(dsn, *words)).code == 2
