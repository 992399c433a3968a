-- Queues of events asked for by command: one row for each tenant whose events go into a queue. Those of the settings are
-- not here. Tenant * is every tenant.
CREATE TABLE broker.subscription (
    tenant text NOT NULL CHECK (tenant ~ '^([a-z][a-z0-9-]{0,62}|[*])$'),
    name text NOT NULL CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
    event_types text[] NOT NULL CHECK (cardinality(event_types) > 0),
    ra_json boolean NOT NULL,
    added_by text NOT NULL,
    added_at timestamptz NOT NULL,
    PRIMARY KEY (name, tenant)
);

-- An event that a subscriber refused is a dead letter as well: the queue it was refused from, and where it is an event of
-- ours, which alone can be replayed, its id, type and media type. Its message was accepted; the event goes back into that
-- queue alone.
ALTER TABLE broker.dead_letter
    ADD COLUMN refused_by text,
    ADD COLUMN event_id uuid,
    ADD COLUMN event_type text,
    ADD COLUMN content_type text,
    ADD CHECK (event_id IS NULL OR (refused_by IS NOT NULL AND event_type IS NOT NULL AND content_type IS NOT NULL)),
    ADD CHECK (refused_by IS NULL OR (outbox_id IS NULL AND edited_body IS NULL AND state <> 'waiting'));
CREATE INDEX dead_letter_refused ON broker.dead_letter (refused_by, created_at) WHERE refused_by IS NOT NULL;

-- A further destination: one queue by its name. Partitions were made with a constraint of their own.
ALTER TABLE broker.outbox DROP CONSTRAINT outbox_destination_check;
DO $$
DECLARE
    partition regclass;
BEGIN
    FOR partition IN SELECT inhrelid FROM pg_inherits WHERE inhparent = 'broker.outbox'::regclass LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS outbox_destination_check', partition);
    END LOOP;
END $$;
ALTER TABLE broker.outbox
    ADD CONSTRAINT outbox_destination_check CHECK (destination IN ('event', 'core', 'reply', 'queue'));
