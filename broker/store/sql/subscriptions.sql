-- Queues of events that were asked for by command.

-- name: all --
-- Every subscription of the tenant $1 and of all tenants together (null: of everybody), by name.
-- Locks: none.
SELECT tenant, name, event_types, ra_json, added_by, added_at
FROM broker.subscription
WHERE $1::text IS NULL OR tenant IN ($1, '*')
ORDER BY name, tenant;

-- name: hold --
-- One decides about subscriptions at a time.
-- Locks: the table against other writers, so that a row that is not there yet is held, too.
LOCK TABLE broker.subscription IN SHARE ROW EXCLUSIVE MODE;

-- name: named --
-- Whose subscriptions have the name $1.
-- Locks: none; the table is held.
SELECT tenant, name, event_types, ra_json, added_by, added_at FROM broker.subscription WHERE name = $1 ORDER BY tenant;

-- name: put --
-- Add the subscription $2 of tenant $1, or let it be as given from now on ($3 types, $4 RA JSON, $5 who, $6 when).
-- Locks: its row.
INSERT INTO broker.subscription (tenant, name, event_types, ra_json, added_by, added_at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name, tenant) DO UPDATE
SET event_types = excluded.event_types, ra_json = excluded.ra_json,
    added_by = excluded.added_by, added_at = excluded.added_at;

-- name: remove --
-- Remove the subscription $2 of these tenants ($1).
-- Locks: its rows.
DELETE FROM broker.subscription WHERE tenant = ANY ($1::text[]) AND name = $2 RETURNING tenant;
