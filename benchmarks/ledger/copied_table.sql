-- The rows of a batch, with one index and nothing else: nothing decided, nothing checked.
CREATE TABLE copied (
    ledger int NOT NULL, id uuid NOT NULL, debit uuid NOT NULL, credit uuid NOT NULL,
    amount bigint NOT NULL, kind varchar(6) NOT NULL, code smallint NOT NULL, pending_id uuid,
    timeout_at timestamptz, reference uuid, correction_of uuid, at timestamptz NOT NULL,
    written_at timestamptz NOT NULL, written_xid bigint NOT NULL,
    PRIMARY KEY (ledger, id)
)
