-- The book of applied migrations. It lies outside the schema that the migrations make.

-- name: lock --
-- Let one migrating program in; the others wait. Bound to the transaction, so nothing strands behind a pooler.
-- Locks: an advisory lock of this program's own number.
SELECT pg_advisory_xact_lock(200220001);

-- name: is_kept --
-- Whether the book exists.
-- Locks: none.
SELECT to_regclass('public.broker_migration') IS NOT NULL;

-- name: create --
-- Open the book.
-- Locks: none beyond the new table.
CREATE TABLE public.broker_migration (
    version integer PRIMARY KEY,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: applied --
-- What was applied.
-- Locks: none.
SELECT version, name, sha256 FROM public.broker_migration ORDER BY version;

-- name: remember --
-- Note that a migration was applied.
-- Locks: the new row.
INSERT INTO public.broker_migration (version, name, sha256) VALUES ($1, $2, $3);
