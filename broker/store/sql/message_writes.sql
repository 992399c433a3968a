-- The inbox and the messages.

-- name: note --
-- Take note of one message ($1 batch, then its columns), where the inbox does not hold it yet; give its id if it did not.
-- Locks: the new row; waits for a transaction that has inserted the same id.
INSERT INTO broker.inbox (message_id, tenant, channel, key, digest, batch_id, received_at)
VALUES ($2, $3, $4, $5, $6, $1, $7)
ON CONFLICT (message_id) DO NOTHING
RETURNING message_id;

-- name: known --
-- What the inbox holds of messages ($1 id, $2 tenant). A statement of its own, so that it sees what was just committed.
-- Locks: none.
SELECT i.message_id, i.digest, i.batch_id
FROM unnest($1::uuid[], $2::text[]) AS u (message_id, tenant)
JOIN broker.inbox i ON i.message_id = u.message_id AND i.tenant = u.tenant;

-- name: insert --
-- Record messages that the inbox does not hold yet ($1 batch, $2 instant, $3 day, $4 codec, then columns), with their
-- bytes; give the ids that are new.
-- Locks: the new rows; waits, in id order, for a transaction that has inserted the same id.
WITH incoming AS MATERIALIZED (
    SELECT *
    FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::bytea[], $10::timestamptz[], $11::text[],
                $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::text[], $19::bytea[])
        AS u (message_id, tenant, channel, key, digest, received_at, direction, state, definition, business_id,
              findings, correlation_id, reply_to, traceparent, body)
), noted AS (
    INSERT INTO broker.inbox (message_id, tenant, channel, key, digest, batch_id, received_at)
    SELECT message_id, tenant, channel, key, digest, $1::uuid, received_at FROM incoming ORDER BY message_id
    ON CONFLICT (message_id) DO NOTHING
    RETURNING message_id
), fresh AS MATERIALIZED (
    SELECT incoming.* FROM incoming JOIN noted USING (message_id)
), bodies AS (
    INSERT INTO broker.message_body (recorded_on, message_id, tenant, codec, body)
    SELECT $3::date, message_id, tenant, $4::text, body FROM fresh
), messages AS (
    INSERT INTO broker.message (message_id, tenant, channel, direction, state, definition, business_id, findings,
                                correlation_id, reply_to, traceparent, received_at, recorded_at)
    SELECT message_id, tenant, channel, direction, state, definition, business_id, findings::jsonb,
           correlation_id, reply_to, traceparent, received_at, $2::timestamptz
    FROM fresh
)
SELECT message_id FROM noted;

-- name: resolve --
-- Move a dead message ($1 id, $2 tenant) on to the state $3; what is not known of it now stays as it was.
-- Locks: the message row.
UPDATE broker.message
SET state = $3, definition = coalesce($4, definition), business_id = coalesce($5, business_id),
    findings = coalesce($6::jsonb, findings)
WHERE message_id = $1 AND tenant = $2 AND state = 'dead'
RETURNING message_id;
