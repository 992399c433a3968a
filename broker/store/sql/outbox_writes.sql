-- Into the outbox.

-- name: insert --
-- Append publications ($1 instant, $2 day, $3 codec, then columns) and let each wait to be published; give their ids. Ids
-- grow in the order given; across transactions they say nothing about the order of commits.
-- Locks: the new rows only.
WITH incoming AS MATERIALIZED (
    SELECT nextval('broker.outbox_id') AS id, u.*
    FROM unnest($4::smallint[], $5::bigint[], $6::text[], $7::uuid[], $8::uuid[], $9::text[], $10::text[], $11::text[],
                $12::text[], $13::text[], $14::text[], $15::text[], $16::bytea[])
        AS u (lane, order_key, tenant, message_id, event_id, destination, address, subject,
              event_type, content_type, correlation_id, traceparent, body)
), appended AS (
    INSERT INTO broker.outbox (recorded_on, id, tenant, message_id, event_id, destination, address, subject,
                               event_type, content_type, correlation_id, traceparent, codec, body, recorded_at)
    SELECT $2::date, id, tenant, message_id, event_id, destination, address, subject,
           event_type, content_type, correlation_id, traceparent, $3::text, body, $1::timestamptz
    FROM incoming
)
INSERT INTO broker.outbox_pending (lane, id, recorded_on, tenant, order_key)
SELECT lane, id, $2::date, tenant, order_key FROM incoming
RETURNING id;
