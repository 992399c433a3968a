-- Bulk messages: rows in slices, received bytes in parts.

-- name: insert_message --
-- Record a message whose bytes follow in parts ($13 instant).
-- Locks: the new row, and its inbox row FOR KEY SHARE.
INSERT INTO broker.message (message_id, tenant, channel, direction, state, definition, business_id, findings,
                            correlation_id, reply_to, traceparent, received_at, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13::timestamptz);

-- name: insert_part --
-- Record the part $2 of a message's bytes.
-- Locks: the new row, and its message FOR KEY SHARE.
INSERT INTO broker.message_part (message_id, part, recorded_on, tenant, codec, body)
VALUES ($1, $2, $3::date, $4, $5, $6);

-- name: part --
-- The part $3 of the bytes of a message ($1 id, $2 tenant).
-- Locks: none.
SELECT codec, body FROM broker.message_part WHERE message_id = $1 AND tenant = $2 AND part = $3;

-- name: handed_in_again --
-- The open dead letter of a message ($1 id, $2 tenant) that was handed in again and is accepted now, at $3.
-- Locks: that row.
UPDATE broker.dead_letter
SET state = 'replayed', due_at = NULL, resolved_at = $3, decided_by = 'sender', decided_at = $3,
    decided_because = 'The message was handed in again.'
WHERE message_id = $1 AND tenant = $2 AND outbox_id IS NULL AND state IN ('waiting', 'parked', 'requested')
RETURNING id;

-- name: drop_parts --
-- Let go of the bytes of days before $1.
-- Locks: those rows.
DELETE FROM broker.message_part WHERE recorded_on < $1;
