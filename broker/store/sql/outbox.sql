-- Out of the outbox: lanes and their leases, what is due, what became of it. The relay serves every tenant; rows carry
-- theirs, and every join compares it.

-- name: lock_mine --
-- The lanes of the owner $1. One that somebody is taking over at this moment, its lease having run out, is left out.
-- Locks: those lane rows, FOR UPDATE SKIP LOCKED: no paused worker holds up the leases of the others.
SELECT lane FROM broker.relay_lane WHERE owner = $1 ORDER BY lane FOR UPDATE SKIP LOCKED;

-- name: lock_free --
-- Up to $2 lanes that nobody has, or whose lease ran out, for the owner $1.
-- Locks: those lane rows, FOR UPDATE SKIP LOCKED: workers that ask at once get different ones.
SELECT lane
FROM broker.relay_lane
WHERE owner IS NULL OR (owner <> $1 AND expires_at < clock_timestamp())
ORDER BY lane
LIMIT $2
FOR UPDATE SKIP LOCKED;

-- name: lease --
-- Of the lanes I locked ($4): renew what is mine, take others up to my share, free the surplus ($1 owner, $2 share,
-- $3 seconds). A new owner gets a new epoch; give the lanes that are mine now. Time is the server's, so that workers'
-- clocks do not matter.
-- Locks: lane rows, held already.
WITH mine_or_free AS (
    SELECT lane, owner IS NOT DISTINCT FROM $1::text AS mine,
           row_number() OVER (ORDER BY owner IS NOT DISTINCT FROM $1::text DESC, lane) AS place
    FROM broker.relay_lane
    WHERE lane = ANY ($4::smallint[])
), changed AS (
    UPDATE broker.relay_lane r
    SET owner = CASE WHEN m.place <= $2::int THEN $1::text END,
        epoch = r.epoch + CASE WHEN m.place <= $2::int AND NOT m.mine THEN 1 ELSE 0 END,
        expires_at = CASE WHEN m.place <= $2::int THEN clock_timestamp() + make_interval(secs => $3::float8)
                          ELSE '-infinity' END
    FROM mine_or_free m
    WHERE m.lane = r.lane AND (m.place <= $2::int OR m.mine)
    RETURNING r.lane, r.owner, r.epoch
)
SELECT lane, epoch FROM changed WHERE owner = $1::text ORDER BY lane;

-- name: take --
-- What is due in my lanes ($1 lane, $2 floor, pairwise), the $3 oldest, without those in flight ($4): in id order, and
-- never one whose order key has an earlier one that was tried and has to be tried again.
-- Locks: none; the lease is the lock, and settling fences it.
WITH due AS MATERIALIZED (
    SELECT p.*
    FROM unnest($1::smallint[], $2::bigint[]) AS want (lane, floor)
    CROSS JOIN LATERAL (
        SELECT q.lane, q.id, q.recorded_on, q.tenant, q.attempts
        FROM broker.outbox_pending q
        WHERE q.lane = want.lane AND q.id > want.floor AND q.due_at <= now() AND q.id <> ALL ($4::bigint[])
          AND NOT EXISTS (
              SELECT FROM broker.outbox_pending e
              WHERE e.lane = q.lane AND e.order_key = q.order_key AND e.attempts > 0 AND e.id < q.id
          )
        ORDER BY q.id
        LIMIT $3::int
    ) AS p
    ORDER BY p.id
    LIMIT $3::int
)
SELECT lane, id, recorded_on, tenant, attempts FROM due ORDER BY id;

-- name: read --
-- What is to be published of rows ($1 day, $2 id, $3 tenant) that were taken.
-- Locks: none.
SELECT o.id, o.tenant, o.message_id, o.event_id, o.destination, o.address, o.subject, o.event_type, o.content_type,
       o.correlation_id, o.traceparent, o.codec, o.body, o.recorded_at
FROM unnest($1::date[], $2::bigint[], $3::text[]) AS d (recorded_on, id, tenant)
JOIN broker.outbox o ON o.recorded_on = d.recorded_on AND o.id = d.id AND o.tenant = d.tenant;

-- name: fence --
-- Which of these lanes ($1, with my epochs $2) are still mine; a worker that was paused finds that they are not.
-- Locks: those lane rows FOR SHARE, so that nobody takes them over before this transaction ends.
SELECT r.lane
FROM unnest($1::smallint[], $2::bigint[]) AS want (lane, epoch)
JOIN broker.relay_lane r ON r.lane = want.lane AND r.epoch = want.epoch
ORDER BY r.lane
FOR SHARE OF r;

-- name: remove --
-- Take publications ($1 lane, $2 id, $3 tenant) off the pending ones; give the ids that were still there.
-- Locks: those pending rows.
DELETE FROM broker.outbox_pending p
USING unnest($1::smallint[], $2::bigint[], $3::text[]) AS done (lane, id, tenant)
WHERE p.lane = done.lane AND p.id = done.id AND p.tenant = done.tenant
RETURNING p.id;

-- name: postpone --
-- Try publications ($1 lane, $2 id, $3 tenant) again at $4; give the ids that were still there.
-- Locks: those pending rows.
UPDATE broker.outbox_pending p
SET attempts = p.attempts + 1, due_at = later.due_at
FROM unnest($1::smallint[], $2::bigint[], $3::text[], $4::timestamptz[]) AS later (lane, id, tenant, due_at)
WHERE p.lane = later.lane AND p.id = later.id AND p.tenant = later.tenant
RETURNING p.id;

-- name: message_facts --
-- What a dead letter says of the message ($1 id, $2 tenant) whose publication was given up.
-- Locks: none.
SELECT m.message_id, m.channel, m.direction, m.definition, m.business_id, m.reply_to, m.received_at
FROM unnest($1::uuid[], $2::text[]) AS u (message_id, tenant)
JOIN broker.message m ON m.message_id = u.message_id AND m.tenant = u.tenant;

-- name: earlier_letters --
-- The latest dead letter of each publication ($1 day, $2 id, $3 tenant) that was given up before.
-- Locks: none.
SELECT DISTINCT ON (d.outbox_id) d.outbox_id, d.id
FROM unnest($1::date[], $2::bigint[], $3::text[]) AS u (outbox_on, outbox_id, tenant)
JOIN broker.dead_letter d ON d.outbox_on = u.outbox_on AND d.outbox_id = u.outbox_id AND d.tenant = u.tenant
ORDER BY d.outbox_id, d.created_at DESC;

-- name: depth --
-- How many publications of all tenants wait, counted up to $1.
-- Locks: none.
SELECT count(*) FROM (SELECT FROM broker.outbox_pending LIMIT $1::int) AS waiting;
