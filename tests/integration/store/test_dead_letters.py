"""Deciding about dead letters and trying them again, on a real PostgreSQL."""

import asyncio
import dataclasses
from uuid import UUID, uuid4

import pytest

from broker.errors import StoreUnavailableError
from broker.message import identity
from broker.message.envelope import Envelope
from broker.message.failure import Failure, FailureCode
from broker.message.lifecycle import DeadLetterState
from broker.pipeline.outcome import Outcome, Rejected
from broker.store.attempts import Attempts
from broker.store.database import Database
from broker.store.dead_letters import Cursor, DeadLetters, Decision, Filter
from broker.store.outbox_writes import LANES
from tests.support import postgres_proxy
from tests.support.outcomes import Shape, accepted, envelope, rejected
from tests.support.postgres import Postgres
from tests.support.postgres_proxy import CommitCutter, Cut
from tests.support.store import CODEC, Store

MENDED = Decision(by="ada", because="The core sent it again by hand.")
UNROUTABLE = Failure(FailureCode.RELAY_UNROUTABLE, "No queue took it.")


def accept(source: Envelope) -> Outcome:
    """Accept whatever is tried."""
    return accepted(source)


def reject(source: Envelope) -> Outcome:
    """Reject whatever is tried."""
    return rejected(source, FailureCode.VALIDATE_RULE)


def never(source: Envelope) -> Outcome:
    """Fail the test: nothing is to be tried."""
    raise AssertionError(source.message_id)


async def park(store: Store, count: int = 1) -> list[UUID]:
    """Park so many messages and give the ids of their dead letters."""
    await store.record(*(rejected() for _ in range(count)))
    return await store.dead_letters().frozen(Filter())


async def park_publication(store: Store) -> UUID:
    """Accept a message with one publication, give that up, and give the id of its dead letter."""
    await store.record(accepted(shape=Shape(publications=1)))
    outbox = store.outbox()
    lanes = await outbox.lease("a", LANES, 60)
    (row,) = await outbox.take(lanes, 10)
    await outbox.settle(lanes, [], [], [(row, UNROUTABLE)])
    await outbox.release("a")
    (letter,) = await store.dead_letters().frozen(Filter())
    return letter


async def test_a_replay_that_succeeds_accepts_the_message(store: Store) -> None:
    """The message is accepted, its publications wait, and the dead letter is replayed, together."""
    (letter,) = await park(store)
    letters = store.dead_letters()

    decided = await letters.request_replay([letter], MENDED)
    outcomes = await letters.redrive(accept, 10)

    assert decided.done == (letter,)
    assert len(outcomes) == 1
    assert tuple(await store.rows.one("SELECT state, definition FROM broker.message")) == (
        "accepted",
        "pacs.008.001.08",
    )
    assert await store.rows.count("outbox_pending") == 2
    assert await store.rows.column("SELECT state FROM broker.dead_letter") == ["replayed"]
    kinds = [kind for kind, _ in await store.rows.audited()]
    assert kinds == ["rejected", "replay-requested", "replayed", "accepted"]


async def test_two_operators_who_replay_at_once_replay_once(store: Store) -> None:
    """Of many requests at the same moment each dead letter is requested by one, and the others are told so."""
    ids = await park(store, 20)
    operators = [store.dead_letters() for _ in range(6)]

    decided = await asyncio.gather(
        *(each.request_replay(ids[::-1] if i % 2 else ids, MENDED) for i, each in enumerate(operators))
    )
    redriven = await asyncio.gather(*(each.redrive(accept, 20) for each in operators))

    assert sorted(sum((each.done for each in decided), ())) == sorted(ids)
    others = {state for each in decided for state in each.others.values()}
    assert others == {DeadLetterState.REQUESTED}
    assert sum(map(len, redriven)) == 20
    assert await store.rows.count("outbox") == 40


async def test_a_replay_clicked_again_after_it_was_done_does_nothing(store: Store) -> None:
    """A dead letter that was replayed is not replayed again, however often it is asked for."""
    ids = await park(store)
    letters = store.dead_letters()
    await letters.request_replay(ids, MENDED)
    await letters.redrive(accept, 10)

    again = await letters.request_replay(ids, MENDED)

    assert (again.done, again.others) == ((), {ids[0]: DeadLetterState.REPLAYED})
    assert await letters.redrive(never, 10) == []


async def test_a_replay_that_fails_again_opens_a_child(store: Store) -> None:
    """The dead letter ends, and a child of it holds the new reason; the message stays dead."""
    (letter,) = await park(store)
    letters = store.dead_letters()
    await letters.request_replay([letter], MENDED)

    await letters.redrive(reject, 10)

    parent, child = await letters.lineage(letter)
    assert (parent.state, child.state) == (DeadLetterState.REPLAYED, DeadLetterState.PARKED)
    assert (child.parent_id, child.code) == (parent.id, "validate.rule")
    assert await store.rows.value("SELECT state FROM broker.message") == "dead"
    assert await letters.lineage(child.id) == [parent, child]


async def test_other_bytes_are_tried_and_the_received_ones_stay(store: Store) -> None:
    """An operator's bytes go through the pipeline under the same message id; what was received is kept."""
    source = envelope(body=b"as received")
    await store.record(rejected(source))
    letters = store.dead_letters()
    (letter,) = await letters.frozen(Filter())
    tried: list[Envelope] = []

    def run(each: Envelope) -> Outcome:
        tried.append(each)
        return accepted(each)

    await letters.request_replay([letter], MENDED, b"as mended")
    await letters.redrive(run, 10)

    (envelope_tried,) = tried
    assert envelope_tried == dataclasses.replace(source, body=b"as mended", digest=identity.digest(b"as mended"))
    assert await letters.view(letter, "ada") == b"as received"
    salt_and_leaf = await store.rows.one("SELECT leaf, salt FROM broker.audit_entry WHERE kind = 'replay-requested'")
    assert store.rows.opens(salt_and_leaf[0], "edited", identity.digest(b"as mended"), salt_and_leaf[1])


async def test_empty_bytes_are_bytes(store: Store) -> None:
    """Other bytes that are empty are tried as they are, and not taken for none."""
    (letter,) = await park(store)
    letters = store.dead_letters()
    tried: list[bytes] = []

    def run(each: Envelope) -> Outcome:
        tried.append(each.body)
        return rejected(each)

    await letters.request_replay([letter], MENDED, b"")
    await letters.redrive(run, 10)

    assert tried == [b""]


async def test_a_due_retry_is_tried_until_the_policy_parks_it(store: Store) -> None:
    """A waiting dead letter counts its attempts, waits again, and is parked when the policy has had enough."""
    store.policy.retried = {FailureCode.INTERNAL_ERROR: 2}
    await store.record(rejected(code=FailureCode.INTERNAL_ERROR))
    letters = store.dead_letters()

    def fail(source: Envelope) -> Outcome:
        return rejected(source, FailureCode.INTERNAL_ERROR)

    tried = [len(await letters.redrive(fail, 10)) for _ in range(4)]

    assert tried == [1, 1, 0, 0]
    (letter,) = await letters.page(Filter())
    assert (letter.state, letter.attempts, letter.due_at) == (DeadLetterState.PARKED, 2, None)


async def test_a_due_retry_that_succeeds_ends_the_dead_letter(store: Store) -> None:
    """An automatic retry accepts the message like any other way."""
    store.policy.retried = {FailureCode.INTERNAL_ERROR: 1}
    await store.record(rejected(code=FailureCode.INTERNAL_ERROR))
    letters = store.dead_letters()

    await letters.redrive(accept, 10)

    assert await store.rows.column("SELECT state FROM broker.dead_letter") == ["replayed"]
    assert await store.rows.value("SELECT state FROM broker.message") == "accepted"


async def test_a_discarded_dead_letter_is_never_tried(store: Store) -> None:
    """What was given up stays so: the message is discarded with it, and a later replay is refused."""
    ids = await park(store)
    letters = store.dead_letters()

    decided = await letters.discard(ids, MENDED)
    replay = await letters.request_replay(ids, MENDED)

    assert decided.done == tuple(ids)
    assert replay.others == {ids[0]: DeadLetterState.DISCARDED}
    assert await letters.redrive(never, 10) == []
    assert await store.rows.value("SELECT state FROM broker.message") == "discarded"
    assert [kind for kind, _ in await store.rows.audited()] == ["rejected", "discarded"]


async def test_discard_and_replay_at_once_have_one_winner(store: Store) -> None:
    """Whoever comes first decides; the other is told the state."""
    ids = await park(store, 10)
    first, second = store.dead_letters(), store.dead_letters()

    discarded, requested = await asyncio.gather(first.discard(ids, MENDED), second.request_replay(ids[::-1], MENDED))

    assert sorted([*discarded.done, *requested.done]) == sorted(ids)
    assert len(await first.redrive(accept, 20)) == len(requested.done)


async def test_a_parked_publication_waits_again_when_replayed(store: Store) -> None:
    """The same publication, under the same event id, waits again; parked a second time it becomes a child."""
    letter = await park_publication(store)
    letters, outbox = store.dead_letters(), store.outbox()

    await letters.request_replay([letter], MENDED)
    lanes = await outbox.lease("b", LANES, 60)
    (row,) = await outbox.take(lanes, 10)
    await outbox.settle(lanes, [], [], [(row, UNROUTABLE)])

    parent, child = await letters.lineage(letter)
    assert (parent.state, child.parent_id) == (DeadLetterState.REPLAYED, letter)
    assert row.event_id == await store.rows.value("SELECT event_id FROM broker.outbox")
    kinds = [kind for kind, _ in await store.rows.audited()]
    assert kinds == ["accepted", "dead-lettered", "replay-requested", "replayed", "dead-lettered"]


async def test_the_bytes_of_a_publication_cannot_be_changed(store: Store) -> None:
    """Other bytes for a publication are refused, and nothing is requested."""
    letter = await park_publication(store)

    with pytest.raises(ValueError, match="as it is"):
        await store.dead_letters().request_replay([letter], MENDED, b"other")

    assert await store.rows.value("SELECT state FROM broker.dead_letter") == "parked"


async def test_a_discarded_publication_leaves_its_message_accepted(store: Store) -> None:
    """Giving a publication up says nothing against the message it came of."""
    letter = await park_publication(store)

    await store.dead_letters().discard([letter], MENDED)

    assert await store.rows.value("SELECT state FROM broker.message") == "accepted"


async def test_a_conflict_that_is_replayed_takes_effect_beside_the_first(store: Store) -> None:
    """Conflicting bytes are a message of their own, so their replay has event ids of its own."""
    await store.record(accepted(envelope("k", b"first")))
    await store.record(accepted(envelope("k", b"second")))
    letters = store.dead_letters()
    ids = await letters.frozen(Filter(code="receive.conflict"))

    await letters.request_replay(ids, MENDED)
    await letters.redrive(accept, 10)

    assert await store.rows.column("SELECT state FROM broker.message") == ["accepted", "accepted"]
    assert await store.rows.value("SELECT count(DISTINCT event_id) FROM broker.outbox") == 4


async def test_an_outcome_the_database_refuses_is_parked_alone(store: Store) -> None:
    """A replay whose result cannot be stored becomes a child ``store.refused``, and the next one goes on."""
    ids = await park(store, 3)
    letters = store.dead_letters()
    await letters.request_replay(ids, MENDED)
    culprit = (await letters.page(Filter()))[0].message_id

    def run(source: Envelope) -> Outcome:
        outcome = accepted(source)
        return dataclasses.replace(outcome, business_id="\0") if source.message_id == culprit else outcome

    outcomes = await letters.redrive(run, 10)

    assert sorted(type(each).__name__ for each in outcomes) == ["Accepted", "Accepted", "Rejected"]
    (child,) = await letters.page(Filter(states=(DeadLetterState.PARKED,)))
    assert (child.code, child.message_id) == ("store.refused", culprit)


async def test_one_that_ends_the_process_is_parked_as_poison(store: Store) -> None:
    """A dead letter whose trials never ended is parked unread once they are too many."""
    (letter,) = await park(store)
    letters = store.dead_letters()
    await letters.request_replay([letter], MENDED)
    attempts = Attempts(store.database)
    tenant = (await letters.page(Filter()))[0].tenant

    for _ in range(3):  # three processes that claimed it and were never heard of again
        assert await attempts.claim(tenant, letter, 0.0) is not None
    await store.rows.connection.execute("UPDATE broker.attempt SET last_at = now() - interval '1 hour'")
    outcomes = await letters.redrive(never, 10)

    await attempts.close()
    assert [each.failure.code for each in outcomes if isinstance(each, Rejected)] == [FailureCode.RECEIVE_POISON]
    assert await store.rows.count("attempt") == 0


async def test_one_that_another_worker_tries_is_left_alone(store: Store) -> None:
    """While one worker is at a dead letter no other begins with it, even when its process is slow."""
    (letter,) = await park(store)
    letters = store.dead_letters()
    await letters.request_replay([letter], MENDED)
    tenant = (await letters.page(Filter()))[0].tenant
    attempts = Attempts(store.database)
    await attempts.claim(tenant, letter, 60.0)

    assert await letters.redrive(never, 10) == []
    await attempts.close()


@pytest.mark.parametrize(
    ("cut", "state", "publications"),
    [
        pytest.param(Cut.BEFORE_COMMIT, "requested", 0, id="before"),
        pytest.param(Cut.AFTER_COMMIT, "replayed", 2, id="after"),
    ],
)
async def test_a_trial_cut_off_at_its_commit_takes_effect_once(
    store: Store, postgres: Postgres, cut: Cut, state: str, publications: int
) -> None:
    """Whether the COMMIT of a trial arrived or not: the state says what holds, and it takes effect once."""
    (letter,) = await park(store)
    await store.dead_letters().request_replay([letter], MENDED)
    fault = CommitCutter(postgres.socket)

    def run(source: Envelope) -> Outcome:
        fault.armed = cut
        return accepted(source)

    async with postgres_proxy.before(fault, store.dsn) as dsn:
        letters = DeadLetters(Database(dsn), CODEC, store.policy)
        with pytest.raises(StoreUnavailableError):
            await letters.redrive(run, 10)
        await letters.close()

    assert fault.fired == 1
    assert await store.rows.column("SELECT state FROM broker.dead_letter") == [state]
    assert await store.rows.count("outbox") == publications
    await store.rows.connection.execute("UPDATE broker.attempt SET last_at = now() - interval '1 hour'")
    await store.end_others()  # until then the connection that was cut off may hold the row
    await store.dead_letters().redrive(accept, 10)
    assert await store.rows.count("outbox") == 2


async def test_pages_follow_each_other(store: Store) -> None:
    """A page begins after the cursor of the one before, and together they hold everything once."""
    ids = await park(store, 25)
    letters = store.dead_letters()

    seen: list[UUID] = []
    after: Cursor | None = None
    while page := await letters.page(Filter(), 10, after):
        seen += [each.id for each in page]
        after = Cursor.after(page[-1])

    assert seen == ids
    assert len(set(seen)) == 25


async def test_a_filter_finds_what_it_names(store: Store) -> None:
    """Each condition of a filter narrows the set."""
    await store.record(rejected(), rejected(code=FailureCode.PARSE_DOCTYPE))
    await store.record(rejected(envelope(shape=Shape(channel="core-b"))))
    letters = store.dead_letters()

    assert len(await letters.frozen(Filter())) == 3
    assert len(await letters.frozen(Filter(channel="core-b"))) == 1
    assert len(await letters.frozen(Filter(code="parse.doctype"))) == 1
    assert await letters.page(Filter(states=(DeadLetterState.WAITING,))) == []
    (one,) = await letters.page(Filter(code="parse.doctype"))
    assert [each.id for each in await letters.page(Filter(message_id=one.message_id))] == [one.id]
    assert await letters.page(Filter(created_before=one.created_at)) == []


async def test_a_tenant_sees_and_touches_its_own_only(store: Store) -> None:
    """Dead letters of another tenant are not found, not shown and not decided about."""
    (letter,) = await park(store)
    theirs = store.dead_letters(tenant="south")

    assert await theirs.frozen(Filter()) == []
    assert await theirs.get(letter) is None
    assert await theirs.view(letter, "eve") is None
    assert (await theirs.discard([letter], MENDED)).others == {letter: None}
    assert (await theirs.request_replay([letter], MENDED)).others == {letter: None}


async def test_a_look_at_the_bytes_is_audited(store: Store) -> None:
    """Whoever reads the bytes leaves an entry with the name; looking at the facts leaves none."""
    (letter,) = await park(store)
    letters = store.dead_letters()

    facts = await letters.get(letter)
    body = await letters.view(letter, "ada")

    assert facts is not None
    assert body is not None
    assert identity.digest(body) == facts.digest
    leaf = await store.rows.value("SELECT leaf FROM broker.audit_entry WHERE kind = 'viewed'")
    assert b'"by":"ada"' in leaf


async def test_an_unknown_dead_letter_is_told_as_unknown(store: Store) -> None:
    """A decision about an id that is not there takes no effect and says so."""
    unknown = uuid4()

    decided = await store.dead_letters().request_replay([unknown], MENDED)

    assert (decided.done, decided.others) == ((), {unknown: None})


async def test_the_reason_is_kept_with_the_dead_letter_and_not_in_the_log(store: Store) -> None:
    """Why somebody decided may be personal: the log commits to it and does not hold it."""
    (letter,) = await park(store)
    letters = store.dead_letters()

    await letters.request_replay([letter], MENDED)

    kept = await letters.get(letter)
    leaf, salt = await store.rows.one("SELECT leaf, salt FROM broker.audit_entry WHERE kind = 'replay-requested'")
    assert kept is not None
    assert (kept.decided_by, kept.decided_because) == (MENDED.by, MENDED.because)
    assert MENDED.because.encode() not in leaf
    assert store.rows.opens(leaf, "because", identity.digest(MENDED.because.encode()), salt)
