-- The days of bodies and publications. The tables have no rows of their own, so there is no tenant to name here.

-- name: ensure --
-- Make the partitions of the day $1 exist.
-- Locks: where one is missing, an advisory lock of its own and the parents SHARE UPDATE EXCLUSIVE: readers and writers go on.
SELECT broker.ensure_partitions($1);

-- name: expired --
-- Partitions of the table $1 for days before $2, the oldest first.
-- Locks: none.
-- The partitions are found first: read together with the names of all other tables, whose ends are no days, it fails.
WITH partitions AS MATERIALIZED (
    SELECT c.relname AS name
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = ('broker.' || $1::text)::regclass
)
SELECT name, to_date(right(name, 8), 'YYYYMMDD') AS day
FROM partitions
WHERE to_date(right(name, 8), 'YYYYMMDD') < $2
ORDER BY day;

-- name: drop --
-- Drop the partition of the table $1 for the day $2 unless it is needed; say whether it went.
-- Locks: the partition and its parent ACCESS EXCLUSIVE, given up after 300 ms of waiting.
SELECT broker.drop_partition($1, $2);
