-- What most batches need, each in one statement that may be a transaction of its own: one round trip, one commit.

-- name: record --
-- Record messages that the inbox does not hold yet ($1 batch, $2 instant, $3 day, $4 codec, then columns: $5 to $19 of
-- the messages, $20 to $32 of their publications, $33 to $37 of their audit entries) with all they cause; give the ids
-- that are new, and those of their publications. Of a message that is there already nothing is written. Ids are drawn in
-- the order given, before anything is left out.
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
), caused AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT nextval('broker.outbox_id') AS id, o.*
        FROM unnest($20::smallint[], $21::bigint[], $22::text[], $23::uuid[], $24::uuid[], $25::text[], $26::text[],
                    $27::text[], $28::text[], $29::text[], $30::text[], $31::text[], $32::bytea[])
            AS o (lane, order_key, tenant, message_id, event_id, destination, address, subject,
                  event_type, content_type, correlation_id, traceparent, body)
    ) AS numbered
    WHERE message_id IN (SELECT message_id FROM noted)
), appended AS (
    INSERT INTO broker.outbox (recorded_on, id, tenant, message_id, event_id, destination, address, subject,
                               event_type, content_type, correlation_id, traceparent, codec, body, recorded_at)
    SELECT $3::date, id, tenant, message_id, event_id, destination, address, subject,
           event_type, content_type, correlation_id, traceparent, $4::text, body, $2::timestamptz
    FROM caused
), pending AS (
    INSERT INTO broker.outbox_pending (lane, id, recorded_on, tenant, order_key)
    SELECT lane, id, $3::date, tenant, order_key FROM caused
), told AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT nextval('broker.audit_entry_id') AS entry_id, e.*
        FROM unnest($33::text[], $34::text[], $35::uuid[], $36::bytea[], $37::bytea[])
            AS e (tenant, kind, message_id, leaf, salt)
    ) AS numbered
    WHERE message_id IN (SELECT message_id FROM noted)
), entries AS (
    INSERT INTO broker.audit_entry (entry_id, tenant, kind, message_id, leaf, salt)
    SELECT entry_id, tenant, kind, message_id, leaf, salt FROM told
), unsequenced AS (
    INSERT INTO broker.audit_pending (entry_id, tenant) SELECT entry_id, tenant FROM told
)
SELECT ARRAY(SELECT message_id FROM noted) AS messages, ARRAY(SELECT id FROM caused ORDER BY id) AS publications;

-- name: confirm --
-- Take publications ($3 lane, $4 id, $5 tenant, $6 place of its audit entry) off the pending ones, and append the audit
-- entries ($7 tenant, $8 kind, $9 message, $10 leaf, $11 salt) that tell of them; give the ids that were still there.
-- Nothing changes unless every one of the lanes ($1, with my epochs $2) is still mine.
-- Locks: those lane rows FOR SHARE, so that nobody takes them over before the end; those pending rows; the new rows.
WITH mine AS MATERIALIZED (
    SELECT r.lane
    FROM unnest($1::smallint[], $2::bigint[]) AS want (lane, epoch)
    JOIN broker.relay_lane r ON r.lane = want.lane AND r.epoch = want.epoch
    ORDER BY r.lane
    FOR SHARE OF r
), gone AS (
    DELETE FROM broker.outbox_pending p
    USING unnest($3::smallint[], $4::bigint[], $5::text[], $6::bigint[]) AS done (lane, id, tenant, entry)
    WHERE p.lane = done.lane AND p.id = done.id AND p.tenant = done.tenant
      AND (SELECT count(*) FROM mine) = cardinality($1::smallint[])
    RETURNING p.id, done.entry
), told AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT nextval('broker.audit_entry_id') AS entry_id, e.*
        FROM unnest($7::text[], $8::text[], $9::uuid[], $10::bytea[], $11::bytea[]) WITH ORDINALITY
            AS e (tenant, kind, message_id, leaf, salt, place)
    ) AS numbered
    WHERE place IN (SELECT entry FROM gone)
), entries AS (
    INSERT INTO broker.audit_entry (entry_id, tenant, kind, message_id, leaf, salt)
    SELECT entry_id, tenant, kind, message_id, leaf, salt FROM told
), unsequenced AS (
    INSERT INTO broker.audit_pending (entry_id, tenant) SELECT entry_id, tenant FROM told
)
SELECT id FROM gone;
