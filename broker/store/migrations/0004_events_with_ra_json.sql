-- A further destination: the event with the message's RA JSON beside it. Partitions have a constraint of their own.
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
    ADD CONSTRAINT outbox_destination_check
    CHECK (destination IN ('event', 'event-with-ra-json', 'core', 'reply', 'queue'));
