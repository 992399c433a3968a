-- What a subscriber of events remembers, in the database of its own service: no table of the broker is needed there.

-- name: lock --
-- One creates the tables at a time.
-- Locks: an advisory lock, until the transaction ends.
SELECT pg_advisory_xact_lock(200220003);

-- name: is_there --
-- Whether the tables are there; looking needs no right to create.
-- Locks: none.
SELECT to_regclass('iso20022_subscriber.inbox') IS NOT NULL AND to_regclass('iso20022_subscriber.attempt') IS NOT NULL;

-- name: create_schema --
-- A schema of its own, beside whatever the service has.
-- Locks: the schema's entry in the catalogue.
CREATE SCHEMA IF NOT EXISTS iso20022_subscriber;

-- name: create_inbox --
-- One row for each event that took effect, kept for good: it is what makes a second delivery a duplicate.
-- Locks: the table.
CREATE TABLE IF NOT EXISTS iso20022_subscriber.inbox (
    queue text NOT NULL,
    tenant text NOT NULL,
    event_id text NOT NULL,
    event_type text NOT NULL,
    taken_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (queue, tenant, event_id)
);

-- name: create_attempt --
-- Events that came back unsettled, counted before they are touched again.
-- Locks: the table.
CREATE TABLE IF NOT EXISTS iso20022_subscriber.attempt (
    queue text NOT NULL,
    tenant text NOT NULL,
    event_id text NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    last_at timestamptz NOT NULL,
    PRIMARY KEY (queue, tenant, event_id)
);

-- name: take --
-- Take the event $3 of tenant $2 from queue $1, of type $4; no row where it took effect before.
-- Locks: its inbox row; waits for another who is taking the same event.
INSERT INTO iso20022_subscriber.inbox (queue, tenant, event_id, event_type)
VALUES ($1, $2, $3, $4)
ON CONFLICT DO NOTHING
RETURNING true;

-- name: take_all --
-- Take events ($2 tenant, $3 id, $4 type, pairwise) from queue $1; give those that did not take effect before.
-- Locks: their inbox rows, in the order of their keys; waits for another who is taking one of them.
INSERT INTO iso20022_subscriber.inbox (queue, tenant, event_id, event_type)
SELECT $1, u.tenant, u.event_id, u.event_type
FROM unnest($2::text[], $3::text[], $4::text[]) AS u (tenant, event_id, event_type)
ORDER BY u.tenant, u.event_id
ON CONFLICT DO NOTHING
RETURNING tenant, event_id;

-- name: finish_all --
-- How many inbox rows of these events ($2 tenant, $3 id, pairwise) in queue $1 were written by the transaction open now.
-- Locks: none.
SELECT count(*)
FROM unnest($2::text[], $3::text[]) AS u (tenant, event_id)
JOIN iso20022_subscriber.inbox i ON i.queue = $1 AND i.tenant = u.tenant AND i.event_id = u.event_id
WHERE i.xmin = pg_current_xact_id_if_assigned()::xid;

-- name: finish --
-- Forget the attempts at an event; say whether its inbox row was written by the transaction that is open now.
-- Locks: its counter row.
WITH forgotten AS (
    DELETE FROM iso20022_subscriber.attempt WHERE queue = $1 AND tenant = $2 AND event_id = $3
)
SELECT EXISTS (
    SELECT FROM iso20022_subscriber.inbox
    WHERE queue = $1 AND tenant = $2 AND event_id = $3 AND xmin = pg_current_xact_id_if_assigned()::xid
);

-- name: count --
-- One attempt more at an event that came back; give the count, or no row where the event took effect already.
-- Locks: its counter row.
INSERT INTO iso20022_subscriber.attempt AS a (queue, tenant, event_id, attempts, last_at)
SELECT $1, $2, $3, 1, clock_timestamp()
WHERE NOT EXISTS (
    SELECT FROM iso20022_subscriber.inbox WHERE queue = $1 AND tenant = $2 AND event_id = $3
)
ON CONFLICT (queue, tenant, event_id) DO UPDATE SET attempts = a.attempts + 1, last_at = clock_timestamp()
RETURNING attempts;

-- name: forget --
-- Forget the attempts at an event that was refused.
-- Locks: its counter row.
DELETE FROM iso20022_subscriber.attempt WHERE queue = $1 AND tenant = $2 AND event_id = $3;
