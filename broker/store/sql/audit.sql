-- The audit log: entries that wait get an index in their tenant's tree, heads get signed, and a reader reads it all again.

-- name: peek --
-- What waits, oldest first, from a floor on.
-- Locks: none.
SELECT entry_id, tenant FROM broker.audit_pending WHERE entry_id >= $1 ORDER BY entry_id LIMIT $2;

-- name: plant --
-- Give every tenant its tree. Tenants come sorted, so that two who plant do not wait for each other in a circle.
-- Locks: the new rows.
INSERT INTO broker.audit_tree (tenant) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: lock_trees --
-- Hold the trees that are about to grow.
-- Locks: the tenants' tree rows, FOR UPDATE, in order of tenant.
SELECT tenant, size, frontier FROM broker.audit_tree WHERE tenant = ANY ($1::text[]) ORDER BY tenant FOR UPDATE;

-- name: take --
-- Take entries out of pending; one that another sequencer took first does not come back.
-- Locks: the pending rows, by deleting them; call it with the trees held.
WITH taken AS (
    DELETE FROM broker.audit_pending WHERE entry_id = ANY ($1::bigint[]) RETURNING entry_id, tenant
)
SELECT taken.entry_id, taken.tenant, entry.leaf
FROM taken JOIN broker.audit_entry AS entry USING (entry_id)
ORDER BY taken.entry_id;

-- name: add_leaves --
-- Write entries at contiguous indexes from $2 on.
-- Locks: the new rows; call it with the tree held.
INSERT INTO broker.audit_leaf (tenant, index, entry_id, leaf_hash)
SELECT $1, $2 + place - 1, entry_id, leaf_hash
FROM unnest($3::bigint[], $4::bytea[]) WITH ORDINALITY AS new (entry_id, leaf_hash, place);

-- name: grow --
-- Write what a tree has become.
-- Locks: the tenant's tree row.
UPDATE broker.audit_tree SET size = $2, frontier = $3 WHERE tenant = $1;

-- name: add_tiles --
-- Write tiles that became full.
-- Locks: the new rows; call it with the tree held.
INSERT INTO broker.audit_tile (tenant, level, index, hashes)
SELECT $1, * FROM unnest($2::smallint[], $3::bigint[], $4::bytea[]);

-- name: leaf_hashes --
-- The recorded leaf hashes of a range of indexes.
-- Locks: none.
SELECT index, leaf_hash FROM broker.audit_leaf
WHERE tenant = $1 AND index >= $2 AND index < $3
ORDER BY index;

-- name: tiles --
-- The full tiles of a range of numbers at one level.
-- Locks: none.
SELECT index, hashes FROM broker.audit_tile
WHERE tenant = $1 AND level = $2 AND index >= $3 AND index < $4
ORDER BY index;

-- name: unsigned --
-- The tenants whose tree is larger than their largest checkpoint.
-- Locks: none.
SELECT tree.tenant
FROM broker.audit_tree AS tree
WHERE tree.size > coalesce(
    (SELECT max(signed.size) FROM broker.audit_checkpoint AS signed WHERE signed.tenant = tree.tenant), 0
)
ORDER BY tree.tenant;

-- name: hold_publishing --
-- Let one publisher at a time sign for a tenant. Bound to the transaction, so nothing strands behind a pooler.
-- Locks: an advisory lock of this tenant's own number.
SELECT pg_advisory_xact_lock(200220002, hashtext($1));

-- name: tree --
-- A tenant's tree.
-- Locks: none.
SELECT size, frontier FROM broker.audit_tree WHERE tenant = $1;

-- name: last_checkpoint --
-- The largest checkpoint of a tenant.
-- Locks: none.
SELECT size, root, note FROM broker.audit_checkpoint WHERE tenant = $1 ORDER BY size DESC LIMIT 1;

-- name: add_checkpoint --
-- Publish a signed head; one of this size that is already there stays.
-- Locks: the new row.
INSERT INTO broker.audit_checkpoint (tenant, size, root, note, signed_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING;

-- name: tenants --
-- Every tenant that has a tree, indexed entries or a checkpoint; the large tables are skipped through, not read.
-- Locks: none.
WITH RECURSIVE indexed (tenant) AS (
    SELECT min(tenant) FROM broker.audit_leaf
    UNION ALL
    SELECT (SELECT min(leaf.tenant) FROM broker.audit_leaf AS leaf WHERE leaf.tenant > indexed.tenant)
    FROM indexed WHERE indexed.tenant IS NOT NULL
), signed (tenant) AS (
    SELECT min(tenant) FROM broker.audit_checkpoint
    UNION ALL
    SELECT (SELECT min(point.tenant) FROM broker.audit_checkpoint AS point WHERE point.tenant > signed.tenant)
    FROM signed WHERE signed.tenant IS NOT NULL
)
SELECT tenant FROM (
    SELECT tenant FROM broker.audit_tree
    UNION SELECT tenant FROM indexed
    UNION SELECT tenant FROM signed
) AS every WHERE tenant IS NOT NULL ORDER BY tenant;

-- name: rows --
-- Indexed entries from an index on, with their entry's row where it is still there.
-- Locks: none.
SELECT leaf.index, leaf.entry_id, leaf.leaf_hash, entry.tenant, entry.kind, entry.message_id, entry.leaf
FROM broker.audit_leaf AS leaf LEFT JOIN broker.audit_entry AS entry USING (entry_id)
WHERE leaf.tenant = $1 AND leaf.index >= $2
ORDER BY leaf.index LIMIT $3;

-- name: checkpoints --
-- Checkpoints above a size.
-- Locks: none.
SELECT size, root, note FROM broker.audit_checkpoint WHERE tenant = $1 AND size > $2 ORDER BY size LIMIT $3;

-- name: beyond --
-- The first index that the tree's row does not know of; one statement, so both are of one instant.
-- Locks: none.
SELECT min(leaf.index) FROM broker.audit_leaf AS leaf
WHERE leaf.tenant = $1
    AND leaf.index >= coalesce((SELECT tree.size FROM broker.audit_tree AS tree WHERE tree.tenant = $1), 0);

-- name: entry_ids --
-- The range of entry ids.
-- Locks: none.
SELECT min(entry_id), max(entry_id) FROM broker.audit_entry;

-- name: stray --
-- The first entry of a range of ids that neither waits nor has an index; one statement, so all three tables are of one
-- instant.
-- Locks: none.
SELECT entry.entry_id
FROM broker.audit_entry AS entry
WHERE entry.tenant = $1 AND entry.entry_id >= $2 AND entry.entry_id < $3
    AND NOT EXISTS (SELECT FROM broker.audit_leaf AS leaf WHERE leaf.entry_id = entry.entry_id)
    AND NOT EXISTS (SELECT FROM broker.audit_pending AS pending WHERE pending.entry_id = entry.entry_id)
ORDER BY entry.entry_id LIMIT 1;

-- name: waiting --
-- How many entries of a tenant wait for their index.
-- Locks: none.
SELECT count(*) FROM broker.audit_pending WHERE tenant = $1;

-- name: trace --
-- What happened to a message, in the order in which it was written.
-- Locks: none.
SELECT entry.entry_id, entry.tenant, leaf.index, leaf.leaf_hash, entry.leaf, entry.salt
FROM broker.audit_entry AS entry LEFT JOIN broker.audit_leaf AS leaf USING (entry_id)
WHERE entry.message_id = $1
ORDER BY entry.entry_id;

-- name: stored_received --
-- The received bytes of a message wherever they are kept whole: its body, those of its own dead letters, and what was
-- replayed instead of them, which is both the edit and what the replay received.
-- Locks: none.
SELECT 'received' AS form, tenant, codec, body FROM broker.message_body WHERE message_id = $1
UNION ALL
SELECT 'received', tenant, codec, body FROM broker.dead_letter
WHERE message_id = $1 AND outbox_id IS NULL AND refused_by IS NULL
  AND NOT EXISTS (SELECT FROM broker.message_part AS part WHERE part.message_id = $1)
UNION ALL
SELECT forms.form, tenant, edited_codec, edited_body
FROM broker.dead_letter CROSS JOIN unnest(ARRAY['edited', 'received']) AS forms (form)
WHERE message_id = $1 AND edited_body IS NOT NULL;

-- name: stored_outgoing --
-- What was published because of a message; the rows of one transaction belong together.
-- Locks: none.
SELECT destination, recorded_at, tenant, codec, body FROM broker.outbox WHERE message_id = $1
ORDER BY destination, recorded_at, id;
