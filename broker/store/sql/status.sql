-- The state of the whole.

-- name: counts --
-- Depths, the oldest waiting, and how much went through in the last minute, of the tenant $1 or of all (null).
-- Locks: none.
SELECT
    (SELECT count(*) FROM broker.outbox_pending p WHERE $1::text IS NULL OR p.tenant = $1) AS outbox_depth,
    (SELECT extract(epoch FROM clock_timestamp() - min(o.recorded_at))::float8
     FROM broker.relay_lane r
     CROSS JOIN LATERAL (
         SELECT q.recorded_on, q.id, q.tenant FROM broker.outbox_pending q
         WHERE q.lane = r.lane AND ($1::text IS NULL OR q.tenant = $1) ORDER BY q.id LIMIT 1
     ) AS p
     JOIN broker.outbox o ON o.recorded_on = p.recorded_on AND o.id = p.id AND o.tenant = p.tenant
    ) AS outbox_oldest_s,
    (SELECT count(*) FROM broker.audit_pending a WHERE $1::text IS NULL OR a.tenant = $1) AS audit_waiting,
    (SELECT count(*) FROM broker.message m
     WHERE m.recorded_at >= now() - interval '1 minute' AND ($1::text IS NULL OR m.tenant = $1)) AS messages,
    (SELECT count(*) FROM broker.outbox o
     WHERE o.recorded_on >= (now() AT TIME ZONE 'UTC' - interval '1 minute')::date
       AND o.recorded_at >= now() - interval '1 minute' AND ($1::text IS NULL OR o.tenant = $1)) AS publications;

-- name: open_letters --
-- Open dead letters by state, of the tenant $1 or of all (null).
-- Locks: none.
SELECT state, count(*) AS letters
FROM broker.dead_letter
WHERE state IN ('waiting', 'parked', 'requested') AND ($1::text IS NULL OR tenant = $1)
GROUP BY state
ORDER BY state;

-- name: lanes --
-- Whose the lanes are.
-- Locks: none.
SELECT lane, owner, epoch, owner IS NOT NULL AND expires_at >= clock_timestamp() AS leased
FROM broker.relay_lane
ORDER BY lane;

-- name: workers --
-- The workers, and whether they spoke within $1 seconds.
-- Locks: none.
SELECT worker_id, started_at, seen_at, status, seen_at >= clock_timestamp() - make_interval(secs => $1::float8) AS live
FROM broker.worker
ORDER BY started_at, worker_id;

-- name: beat --
-- The worker $1, started at $2, lives and says $3.
-- Locks: its own row.
INSERT INTO broker.worker (worker_id, started_at, seen_at, status)
VALUES ($1, $2, clock_timestamp(), $3::text::jsonb)
ON CONFLICT (worker_id) DO UPDATE
SET started_at = excluded.started_at, seen_at = excluded.seen_at, status = excluded.status;

-- name: forget --
-- Workers that said nothing for $1 seconds are no more.
-- Locks: their rows, except those that another worker is removing.
DELETE FROM broker.worker
WHERE worker_id IN (
    SELECT worker_id FROM broker.worker
    WHERE seen_at < clock_timestamp() - make_interval(secs => $1::float8)
    FOR UPDATE SKIP LOCKED
);

-- name: live --
-- How many workers spoke within $1 seconds.
-- Locks: none.
SELECT count(*) FROM broker.worker WHERE seen_at >= clock_timestamp() - make_interval(secs => $1::float8);

-- name: leave --
-- The worker $1 ends.
-- Locks: its own row.
DELETE FROM broker.worker WHERE worker_id = $1;
