-- Received bytes of bulk messages, in parts: no message is ever held whole, here or by who writes it.
-- They go with retention, like broker.message_body; a bulk message has no row there.
CREATE TABLE broker.message_part (
    message_id uuid NOT NULL REFERENCES broker.message,
    part integer NOT NULL CHECK (part >= 0),
    recorded_on date NOT NULL,
    tenant text NOT NULL,
    codec text NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (message_id, part)
);
ALTER TABLE broker.message_part ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE INDEX message_part_recorded_on ON broker.message_part (recorded_on);
