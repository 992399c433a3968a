-- Counts of what came back unsettled.

-- name: count --
-- One delivery more of the message $1 of tenant $2; give the count.
-- Locks: its counter row.
INSERT INTO broker.attempt AS a (id, tenant, attempts, last_at)
VALUES ($1, $2, 1, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET attempts = a.attempts + 1, last_at = clock_timestamp()
RETURNING attempts;

-- name: claim --
-- One attempt more at the dead letter $1 of tenant $2, unless another began less than $3 seconds ago; give the count.
-- Locks: its counter row; waits for another who is counting.
INSERT INTO broker.attempt AS a (id, tenant, attempts, last_at)
VALUES ($1, $2, 1, clock_timestamp())
ON CONFLICT (id) DO UPDATE SET attempts = a.attempts + 1, last_at = clock_timestamp()
WHERE a.last_at < clock_timestamp() - make_interval(secs => $3::float8)
RETURNING attempts;

-- name: forget --
-- The dead letter $1 of tenant $2 was settled.
-- Locks: its counter row.
DELETE FROM broker.attempt WHERE id = $1 AND tenant = $2;

-- name: forget_old --
-- Counters of all tenants that nothing touched since $1.
-- Locks: those rows.
DELETE FROM broker.attempt WHERE last_at < $1;
