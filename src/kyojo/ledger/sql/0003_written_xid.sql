-- Which transaction wrote a row: what the log's sequencer asks for, at no cost for who writes.
-- Numbers of transactions grow with the table, so a BRIN of a few pages finds the newest rows.
-- Rows from before have 0: the sequencer's full comparison finds them.
ALTER TABLE ledger_transfer ADD COLUMN written_xid bigint NOT NULL DEFAULT 0;
ALTER TABLE ledger_transfer
    ALTER COLUMN written_xid SET DEFAULT (pg_current_xact_id()::text::bigint);
CREATE INDEX ledger_transfer_written_xid ON ledger_transfer
    USING brin (written_xid) WITH (pages_per_range = 16, autosummarize = on);
