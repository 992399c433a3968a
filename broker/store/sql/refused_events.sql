-- Events that subscribers refused, as dead letters, and their way back into the one queue they were refused from.

-- name: messages --
-- The messages ($1 id, $2 tenant) that refused events come of, as far as they are ours.
-- Locks: none.
SELECT m.message_id, m.tenant, m.channel, m.direction, m.definition, m.business_id, m.received_at
FROM unnest($1::uuid[], $2::text[]) AS u (message_id, tenant)
JOIN broker.message m ON m.message_id = u.message_id AND m.tenant = u.tenant;

-- name: earlier --
-- Which of these dead letters ($1 id, $2 tenant), as whose replays events came, are there.
-- Locks: none.
SELECT d.id
FROM unnest($1::uuid[], $2::text[]) AS u (id, tenant)
JOIN broker.dead_letter d ON d.id = u.id AND d.tenant = u.tenant AND d.refused_by IS NOT NULL;

-- name: insert --
-- Write dead letters of refused events ($1 instant, $2 codec, then columns), parked; give the ids of those that are new.
-- Locks: the new rows, and the parent of a child FOR KEY SHARE; waits for one who writes the same, in id order.
INSERT INTO broker.dead_letter (id, tenant, message_id, parent_id, channel, direction, code, reason, definition,
                                business_id, state, correlation_id, traceparent, refused_by, event_id, event_type,
                                content_type, digest, codec, body, received_at, created_at)
SELECT u.id, u.tenant, u.message_id, u.parent_id, u.channel, u.direction, u.code, u.reason, u.definition,
       u.business_id, 'parked', u.correlation_id, u.traceparent, u.refused_by, u.event_id, u.event_type,
       u.content_type, u.digest, $2::text, u.body, u.received_at, $1::timestamptz
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::uuid[], $17::text[], $18::text[],
            $19::bytea[], $20::bytea[], $21::timestamptz[])
    AS u (id, tenant, message_id, parent_id, channel, direction, code, reason, definition, business_id, correlation_id,
          traceparent, refused_by, event_id, event_type, content_type, digest, body, received_at)
ORDER BY u.id
ON CONFLICT (id) DO NOTHING
RETURNING id;

-- name: bodies --
-- What is needed to let refused events go again ($2 ids of their dead letters).
-- Locks: none; their dead letters are held.
SELECT id, tenant, message_id, channel, direction, refused_by, event_id, event_type, content_type, correlation_id,
       traceparent, received_at, digest, codec, body
FROM broker.dead_letter
WHERE ($1::text IS NULL OR tenant = $1) AND id = ANY ($2::uuid[])
ORDER BY created_at, id;
