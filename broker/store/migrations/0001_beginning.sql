-- The beginning. Forward only: a later change is a later file.
-- Every table carries the tenant, and every statement names it.

CREATE SCHEMA broker;

-- One row for each message ever received, kept for good: it is what makes a second delivery a duplicate.
-- message_id is derived from tenant, channel and key, so the primary key is the deduplication key.
CREATE TABLE broker.inbox (
    message_id uuid PRIMARY KEY,
    tenant text NOT NULL,
    channel text NOT NULL,
    key text NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    batch_id uuid NOT NULL,
    received_at timestamptz NOT NULL
);

CREATE TABLE broker.message (
    message_id uuid PRIMARY KEY REFERENCES broker.inbox,
    tenant text NOT NULL,
    channel text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    state text NOT NULL CHECK (state IN ('accepted', 'dead', 'discarded')),
    definition text,
    business_id text,
    findings jsonb,
    correlation_id text,
    reply_to text,
    traceparent text,
    received_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (state <> 'accepted' OR definition IS NOT NULL)
);
CREATE INDEX message_business_id ON broker.message (tenant, business_id) WHERE business_id IS NOT NULL;
-- For the rates of `broker status`: costs an insert nothing, and rows lie in the order in which they were recorded.
CREATE INDEX message_recorded_at ON broker.message USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);

-- Received bytes, apart from the facts about them: they may go (retention) while the key stays.
CREATE TABLE broker.message_body (
    recorded_on date NOT NULL,
    message_id uuid NOT NULL,
    tenant text NOT NULL,
    codec text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (recorded_on, message_id)
) PARTITION BY RANGE (recorded_on);
-- Not compressed, here and in the outbox: compressing took two fifths of the time of recording a message, and encrypted
-- bytes do not compress.
ALTER TABLE broker.message_body ALTER COLUMN body SET STORAGE EXTERNAL;

-- Append-only; old partitions are dropped. What still has to be published is in outbox_pending, never found by id alone.
CREATE SEQUENCE broker.outbox_id;
CREATE TABLE broker.outbox (
    recorded_on date NOT NULL,
    id bigint NOT NULL,
    tenant text NOT NULL,
    message_id uuid NOT NULL,
    event_id uuid NOT NULL,
    destination text NOT NULL CHECK (destination IN ('event', 'core', 'reply')),
    address text NOT NULL,
    subject text NOT NULL,
    event_type text NOT NULL,
    content_type text NOT NULL,
    correlation_id text,
    traceparent text,
    codec text NOT NULL,
    body bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (recorded_on, id)
) PARTITION BY RANGE (recorded_on);

ALTER TABLE broker.outbox ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX outbox_recorded_at ON broker.outbox USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);

-- A row here beside its outbox row means: not yet confirmed. Order is kept within an order key, a hash of tenant,
-- destination and subject; the lane is its remainder by 16.
CREATE TABLE broker.outbox_pending (
    lane smallint NOT NULL CHECK (lane BETWEEN 0 AND 15),
    id bigint NOT NULL,
    recorded_on date NOT NULL,
    tenant text NOT NULL,
    order_key bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (lane, id),
    CHECK (lane = order_key & 15)
) WITH (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_cost_delay = 0);
-- What was tried and failed holds back the later ones of its order key. Empty while all goes well.
CREATE INDEX outbox_pending_tried ON broker.outbox_pending (lane, order_key, id) WHERE attempts > 0;

-- Who publishes a lane. The epoch grows with every change of owner and fences the one before.
CREATE TABLE broker.relay_lane (
    lane smallint PRIMARY KEY CHECK (lane BETWEEN 0 AND 15),
    owner text,
    epoch bigint NOT NULL DEFAULT 0,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO broker.relay_lane (lane) SELECT generate_series(0, 15);

CREATE TABLE broker.dead_letter (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    message_id uuid NOT NULL,
    parent_id uuid REFERENCES broker.dead_letter,
    channel text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    code text NOT NULL CHECK (code ~ '^[a-z]+\.[a-z-]+$'),
    reason text NOT NULL,
    findings jsonb NOT NULL DEFAULT '[]',
    definition text,
    business_id text,
    state text NOT NULL CHECK (state IN ('waiting', 'parked', 'requested', 'replayed', 'discarded')),
    attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at timestamptz,
    correlation_id text,
    reply_to text,
    traceparent text,
    -- a publication that was given up: its outbox row; else the message itself is dead and its bytes are here
    outbox_id bigint,
    outbox_on date,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    codec text NOT NULL,
    body bytea NOT NULL,
    -- the bytes an operator gave for the replay instead; what was received stays as it is
    edited_codec text,
    edited_body bytea,
    received_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- who asked for the replay or discard, when and why
    decided_by text,
    decided_at timestamptz,
    decided_because text,
    resolved_at timestamptz,
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK (state NOT IN ('replayed', 'discarded') OR resolved_at IS NOT NULL),
    CHECK (state NOT IN ('requested', 'discarded') OR (decided_by IS NOT NULL AND decided_because IS NOT NULL)),
    CHECK ((outbox_id IS NULL) = (outbox_on IS NULL)),
    CHECK ((edited_codec IS NULL) = (edited_body IS NULL)),
    CHECK (outbox_id IS NULL OR edited_body IS NULL)
);
CREATE INDEX dead_letter_open ON broker.dead_letter (tenant, created_at) WHERE state IN ('waiting', 'parked', 'requested');
CREATE INDEX dead_letter_due ON broker.dead_letter (due_at) WHERE state = 'waiting';
CREATE INDEX dead_letter_requested ON broker.dead_letter (decided_at) WHERE state = 'requested';
CREATE INDEX dead_letter_message ON broker.dead_letter (message_id);
CREATE INDEX dead_letter_parent ON broker.dead_letter (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX dead_letter_outbox ON broker.dead_letter (outbox_on, outbox_id) WHERE outbox_id IS NOT NULL;

-- Deliveries that came back unsettled, and dead letters that are replayed: counted before they are touched again, so that
-- one that kills the process is found. The id is that of the message or of the dead letter.
CREATE TABLE broker.attempt (
    id uuid PRIMARY KEY,
    tenant text NOT NULL,
    attempts integer NOT NULL CHECK (attempts > 0),
    last_at timestamptz NOT NULL
);

-- The audit log: what happened, in the transaction in which it happened. A row in audit_pending waits for its index.
CREATE SEQUENCE broker.audit_entry_id;
CREATE TABLE broker.audit_entry (
    entry_id bigint PRIMARY KEY DEFAULT nextval('broker.audit_entry_id'),
    tenant text NOT NULL,
    kind text NOT NULL,
    message_id uuid,
    leaf bytea NOT NULL,
    -- erased together with the personal data: without it the commitments in the leaf say nothing about the bytes
    salt bytea
);
CREATE INDEX audit_entry_message ON broker.audit_entry (message_id) WHERE message_id IS NOT NULL;
CREATE TABLE broker.audit_pending (
    entry_id bigint PRIMARY KEY REFERENCES broker.audit_entry,
    tenant text NOT NULL
);
CREATE TABLE broker.audit_tree (
    tenant text PRIMARY KEY,
    size bigint NOT NULL DEFAULT 0 CHECK (size >= 0),
    frontier bytea[] NOT NULL DEFAULT '{}'
);
CREATE TABLE broker.audit_leaf (
    tenant text NOT NULL,
    index bigint NOT NULL CHECK (index >= 0),
    entry_id bigint NOT NULL UNIQUE REFERENCES broker.audit_entry,
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32),
    PRIMARY KEY (tenant, index)
);
-- Full tiles of 256 hashes a level, as in C2SP tlog-tiles.
CREATE TABLE broker.audit_tile (
    tenant text NOT NULL,
    level smallint NOT NULL CHECK (level >= 0),
    index bigint NOT NULL CHECK (index >= 0),
    hashes bytea NOT NULL CHECK (octet_length(hashes) = 256 * 32),
    PRIMARY KEY (tenant, level, index)
);
CREATE TABLE broker.audit_checkpoint (
    tenant text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    note text NOT NULL,
    signed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, size)
);

-- One row a worker process, for `broker status`.
CREATE TABLE broker.worker (
    worker_id text PRIMARY KEY,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    status jsonb NOT NULL
);

-- Make a day's partitions exist. Idempotent. A new partition is attached, not created in place: attaching lets readers and
-- writers of the other days go on.
CREATE FUNCTION broker.ensure_partitions(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    parent text;
    partition text;
BEGIN
    FOREACH parent IN ARRAY ARRAY['message_body', 'outbox'] LOOP
        partition := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
        CONTINUE WHEN to_regclass(format('broker.%I', partition)) IS NOT NULL;
        PERFORM pg_advisory_xact_lock(200220002);
        -- Asked by a query: a name that was looked up in vain before the wait is remembered as missing.
        CONTINUE WHEN EXISTS (
            SELECT FROM pg_class c WHERE c.relname = partition AND c.relnamespace = 'broker'::regnamespace
        );
        EXECUTE format('CREATE TABLE broker.%I (LIKE broker.%I INCLUDING ALL)', partition, parent);
        EXECUTE format('ALTER TABLE broker.%I ATTACH PARTITION broker.%I FOR VALUES FROM (%L) TO (%L)',
                       parent, partition, day, day + 1);
    END LOOP;
END $$;

-- Drop one partition unless something in it is still needed or somebody uses the table; say whether it went.
CREATE FUNCTION broker.drop_partition(parent text, day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    partition text := format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
BEGIN
    IF to_regclass(format('broker.%I', partition)) IS NULL THEN
        RETURN false;
    END IF;
    SET LOCAL lock_timeout = '300ms';
    EXECUTE format('LOCK TABLE broker.%I IN ACCESS EXCLUSIVE MODE', partition);
    IF parent = 'outbox' AND (
        EXISTS (SELECT FROM broker.outbox_pending p WHERE p.recorded_on = day)
        OR EXISTS (SELECT FROM broker.dead_letter d
                   WHERE d.outbox_on = day AND d.state IN ('waiting', 'parked', 'requested'))
    ) THEN
        RETURN false;
    END IF;
    EXECUTE format('DROP TABLE broker.%I', partition);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    RETURN false;
END $$;
