-- The tables of the example ledger, in the database of its own. The kit adds two more, in the schema iso20022_subscriber.
CREATE TABLE ledger_entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant text NOT NULL,
    payment text NOT NULL,       -- UETR or end-to-end id, as the event's subject says
    currency text NOT NULL,
    amount numeric NOT NULL,
    state text NOT NULL,         -- booked, and then what the latest status report says
    reports integer NOT NULL DEFAULT 0,
    event_id text NOT NULL,      -- not unique on purpose: that an event is booked once is the kit's work
    booked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ledger_entry_payment ON ledger_entry (tenant, payment);
