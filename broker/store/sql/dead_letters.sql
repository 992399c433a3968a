-- Dead letters: looking at them, deciding about them, trying them again. $1 is always the tenant to look at, null for all.

-- name: page --
-- One page of dead letters that fit a filter, the oldest first, after the one with the time $10 and id $11; at most $12.
-- Locks: none.
SELECT id, tenant, message_id, parent_id, channel, direction, code, reason, findings, definition, business_id, state,
       attempts, due_at, correlation_id, reply_to, outbox_id, digest, octet_length(body) AS stored_bytes,
       edited_body IS NOT NULL AS edited, received_at, created_at, decided_by, decided_at, decided_because, resolved_at,
       refused_by, event_id, event_type
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1)
  AND ($2::text[] IS NULL OR state = ANY ($2))
  AND ($3::text IS NULL OR channel = $3)
  AND ($4::text IS NULL OR code = $4)
  AND ($5::text IS NULL OR definition = $5)
  AND ($6::uuid IS NULL OR message_id = $6)
  AND ($7::timestamptz IS NULL OR created_at < $7)
  AND ($8::timestamptz IS NULL OR created_at >= $8)
  AND ($9::text IS NULL OR refused_by = $9)
  AND ($10::timestamptz IS NULL OR (created_at, id) > ($10, $11::uuid))
ORDER BY created_at, id
LIMIT $12;

-- name: lineage --
-- A dead letter ($2) with everything it came of and everything that came of it, the oldest first.
-- Locks: none.
WITH RECURSIVE up AS (
    SELECT id, parent_id FROM broker.dead_letter WHERE ($1::text IS NULL OR tenant = $1) AND id = $2
    UNION
    SELECT d.id, d.parent_id FROM broker.dead_letter d JOIN up ON d.id = up.parent_id
    WHERE ($1::text IS NULL OR d.tenant = $1)
), family AS (
    SELECT id FROM up
    UNION
    SELECT d.id FROM broker.dead_letter d JOIN family ON d.parent_id = family.id
    WHERE ($1::text IS NULL OR d.tenant = $1)
)
SELECT id, tenant, message_id, parent_id, channel, direction, code, reason, findings, definition, business_id, state,
       attempts, due_at, correlation_id, reply_to, outbox_id, digest, octet_length(body) AS stored_bytes,
       edited_body IS NOT NULL AS edited, received_at, created_at, decided_by, decided_at, decided_because, resolved_at,
       refused_by, event_id, event_type
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1) AND id IN (SELECT id FROM family)
ORDER BY created_at, id;

-- name: frozen --
-- The ids of all open dead letters that fit a filter, the oldest first: a set that later ones do not join.
-- Locks: none.
SELECT id
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1)
  AND state = ANY ($2::text[])
  AND ($3::text IS NULL OR channel = $3)
  AND ($4::text IS NULL OR code = $4)
  AND ($5::text IS NULL OR definition = $5)
  AND ($6::uuid IS NULL OR message_id = $6)
  AND ($7::timestamptz IS NULL OR created_at < $7)
  AND ($8::timestamptz IS NULL OR created_at >= $8)
  AND ($9::text IS NULL OR refused_by = $9)
ORDER BY created_at, id;

-- name: body --
-- The bytes that were received ($2 id).
-- Locks: none.
SELECT tenant, message_id, codec, body, digest
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1) AND id = $2;

-- name: lock --
-- Hold dead letters ($2 ids) while something is decided about them; the second of two operators sees what the first decided.
-- Locks: those rows FOR UPDATE, in id order, so that two overlapping decisions do not deadlock.
SELECT id, tenant, message_id, state, outbox_on, outbox_id, refused_by, event_id
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1) AND id = ANY ($2::uuid[])
ORDER BY id
FOR UPDATE;

-- name: request --
-- An operator wants a replay of held dead letters ($2 ids, $3 who, $4 why, $5 when, $6 codec and $7 bytes instead).
-- Locks: those rows, held already.
UPDATE broker.dead_letter
SET state = 'requested', due_at = NULL, decided_by = $3, decided_because = $4, decided_at = $5,
    edited_codec = $6, edited_body = $7
WHERE ($1::text IS NULL OR tenant = $1) AND id = ANY ($2::uuid[]) AND state IN ('waiting', 'parked');

-- name: discard --
-- An operator gives held dead letters up ($2 ids, $3 who, $4 why, $5 when).
-- Locks: those rows, held already.
UPDATE broker.dead_letter
SET state = 'discarded', due_at = NULL, decided_by = $3, decided_because = $4, decided_at = $5, resolved_at = $5
WHERE ($1::text IS NULL OR tenant = $1) AND id = ANY ($2::uuid[]) AND state IN ('waiting', 'parked');

-- name: discard_messages --
-- Messages ($2 ids) whose dead letter was given up.
-- Locks: those rows.
UPDATE broker.message
SET state = 'discarded'
WHERE ($1::text IS NULL OR tenant = $1) AND message_id = ANY ($2::uuid[]) AND state = 'dead';

-- name: publications --
-- What is needed to let parked publications ($2 days, $3 ids) wait again.
-- Locks: none; their dead letters are held.
SELECT o.recorded_on, o.id, o.tenant, o.destination, o.subject
FROM unnest($2::date[], $3::bigint[]) AS u (recorded_on, id)
JOIN broker.outbox o ON o.recorded_on = u.recorded_on AND o.id = u.id
WHERE ($1::text IS NULL OR o.tenant = $1);

-- name: wait_again --
-- Publications ($1 tenant, $2 lane, $3 id, $4 day, $5 order key) wait to be published again.
-- Locks: the new rows.
INSERT INTO broker.outbox_pending (tenant, lane, id, recorded_on, order_key)
SELECT u.tenant, u.lane, u.id, u.recorded_on, u.order_key
FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::date[], $5::bigint[])
    AS u (tenant, lane, id, recorded_on, order_key)
ON CONFLICT (lane, id) DO NOTHING;

-- name: candidates --
-- Dead letters of messages whose retry is due or that an operator wants replayed, the oldest first, at most $2.
-- Locks: none; each is claimed and locked on its own afterwards.
(SELECT id, tenant, decided_at AS since FROM broker.dead_letter
 WHERE ($1::text IS NULL OR tenant = $1) AND state = 'requested' ORDER BY decided_at LIMIT $2)
UNION ALL
(SELECT id, tenant, due_at FROM broker.dead_letter
 WHERE ($1::text IS NULL OR tenant = $1) AND state = 'waiting' AND due_at <= now() ORDER BY due_at LIMIT $2)
ORDER BY since
LIMIT $2;

-- name: take --
-- The dead letter $2, if it still is to be tried again, with the bytes to try.
-- Locks: its row FOR UPDATE SKIP LOCKED: one that somebody else is trying or deciding about is left to them.
SELECT d.id, d.tenant, d.message_id, d.channel, d.direction, d.state, d.attempts, d.correlation_id, d.reply_to,
       d.traceparent, d.received_at, d.decided_by, d.edited_body IS NOT NULL AS edited,
       coalesce(d.edited_codec, d.codec) AS codec, coalesce(d.edited_body, d.body) AS body, i.key
FROM broker.dead_letter d
JOIN broker.inbox i ON i.message_id = d.message_id AND i.tenant = d.tenant
WHERE ($1::text IS NULL OR d.tenant = $1) AND d.id = $2
  AND (d.state = 'requested' OR (d.state = 'waiting' AND d.due_at <= now()))
FOR UPDATE OF d SKIP LOCKED;

-- name: replayed --
-- The dead letter $2 came to its end at $3.
-- Locks: its row, held already.
UPDATE broker.dead_letter SET state = 'replayed', due_at = NULL, resolved_at = $3
WHERE ($1::text IS NULL OR tenant = $1) AND id = $2;

-- name: replayed_publications --
-- Dead letters of publications and of refused events ($2 ids) came to their end at $3: these wait to be published again.
-- Locks: their rows, held already.
UPDATE broker.dead_letter SET state = 'replayed', due_at = NULL, resolved_at = $3
WHERE ($1::text IS NULL OR tenant = $1) AND id = ANY ($2::uuid[]);

-- name: failed_again --
-- A retry of the dead letter $2 failed ($3 code, $4 reason, $5 findings): it waits until $6, or is parked.
-- Locks: its row, held already.
UPDATE broker.dead_letter
SET code = $3, reason = $4, findings = $5::jsonb, attempts = attempts + 1, due_at = $6::timestamptz,
    state = CASE WHEN $6::timestamptz IS NULL THEN 'parked' ELSE 'waiting' END
WHERE ($1::text IS NULL OR tenant = $1) AND id = $2;
