-- Appending to the audit log. Reading and sequencing it: audit.sql.

-- name: append --
-- Append entries ($1 tenant, $2 kind, $3 message, $4 leaf, $5 salt) and let each wait for its index.
-- Locks: the new rows only; nothing that two transactions share, so workers do not wait for each other.
WITH incoming AS MATERIALIZED (
    SELECT nextval('broker.audit_entry_id') AS entry_id, u.tenant, u.kind, u.message_id, u.leaf, u.salt
    FROM unnest($1::text[], $2::text[], $3::uuid[], $4::bytea[], $5::bytea[]) AS u (tenant, kind, message_id, leaf, salt)
), entries AS (
    INSERT INTO broker.audit_entry (entry_id, tenant, kind, message_id, leaf, salt)
    SELECT entry_id, tenant, kind, message_id, leaf, salt FROM incoming
)
INSERT INTO broker.audit_pending (entry_id, tenant)
SELECT entry_id, tenant FROM incoming;
