-- The inbox and the messages.

-- name: insert_inbox --
-- Take note of messages ($1 batch, then columns), sorted by id; give the ids that are new.
-- Locks: the new rows; waits, in id order, for a transaction that has inserted the same id.
INSERT INTO broker.inbox (message_id, tenant, channel, key, digest, batch_id, received_at)
SELECT u.message_id, u.tenant, u.channel, u.key, u.digest, $1::uuid, u.received_at
FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[])
    AS u (message_id, tenant, channel, key, digest, received_at)
ORDER BY u.message_id
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id;

-- name: known --
-- What the inbox holds of messages ($1 id, $2 tenant). A statement of its own, so that it sees what was just committed.
-- Locks: none.
SELECT i.message_id, i.digest, i.batch_id
FROM unnest($1::uuid[], $2::text[]) AS u (message_id, tenant)
JOIN broker.inbox i ON i.message_id = u.message_id AND i.tenant = u.tenant;

-- name: insert_messages --
-- Record messages and their bytes ($1 instant, $2 day, $3 codec, then columns).
-- Locks: the new rows, and their inbox rows FOR KEY SHARE.
WITH incoming AS MATERIALIZED (
    SELECT *
    FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[],
                $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::bytea[])
        AS u (message_id, tenant, channel, direction, state, definition, business_id, findings,
              correlation_id, reply_to, traceparent, received_at, body)
), bodies AS (
    INSERT INTO broker.message_body (recorded_on, message_id, tenant, codec, body)
    SELECT $2::date, message_id, tenant, $3::text, body FROM incoming
)
INSERT INTO broker.message (message_id, tenant, channel, direction, state, definition, business_id, findings,
                            correlation_id, reply_to, traceparent, received_at, recorded_at)
SELECT message_id, tenant, channel, direction, state, definition, business_id, findings::jsonb,
       correlation_id, reply_to, traceparent, received_at, $1::timestamptz
FROM incoming;

-- name: resolve --
-- Move a dead message ($1 id, $2 tenant) on to the state $3; what is not known of it now stays as it was.
-- Locks: the message row.
UPDATE broker.message
SET state = $3, definition = coalesce($4, definition), business_id = coalesce($5, business_id),
    findings = coalesce($6::jsonb, findings)
WHERE message_id = $1 AND tenant = $2 AND state = 'dead'
RETURNING message_id;
