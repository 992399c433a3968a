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

-- name: resolve --
-- Move a dead message ($1 id, $2 tenant) on to the state $3; what is not known of it now stays as it was.
-- Locks: the message row.
UPDATE broker.message
SET state = $3, definition = coalesce($4, definition), business_id = coalesce($5, business_id),
    findings = coalesce($6::jsonb, findings)
WHERE message_id = $1 AND tenant = $2 AND state = 'dead'
RETURNING message_id;
