-- What a transfer is at the least: a row with a key, nothing decided and nothing else written.
CREATE TABLE copied (
    ledger int NOT NULL, id uuid NOT NULL, debit uuid NOT NULL, credit uuid NOT NULL,
    amount bigint NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (ledger, id)
)
