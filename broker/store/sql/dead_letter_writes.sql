-- New dead letters.

-- name: insert --
-- Write dead letters ($1 instant, $2 codec, then columns).
-- Locks: the new rows, and the parent of a child FOR KEY SHARE.
INSERT INTO broker.dead_letter (id, tenant, message_id, parent_id, channel, direction, code, reason, findings,
                                definition, business_id, state, due_at, correlation_id, reply_to, traceparent,
                                outbox_id, outbox_on, digest, codec, body, received_at, created_at)
SELECT u.id, u.tenant, u.message_id, u.parent_id, u.channel, u.direction, u.code, u.reason, u.findings::jsonb,
       u.definition, u.business_id, u.state, u.due_at, u.correlation_id, u.reply_to, u.traceparent,
       u.outbox_id, u.outbox_on, u.digest, $2::text, u.body, u.received_at, $1::timestamptz
FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::timestamptz[], $16::text[], $17::text[],
            $18::text[], $19::bigint[], $20::date[], $21::bytea[], $22::bytea[], $23::timestamptz[])
    AS u (id, tenant, message_id, parent_id, channel, direction, code, reason, findings, definition, business_id,
          state, due_at, correlation_id, reply_to, traceparent, outbox_id, outbox_on, digest, body, received_at);
