-- What Django's migrations cannot say about the three tables.

-- Balance rows change on every transfer: room in the page keeps those updates heap-only.
ALTER TABLE ledger_balance SET (fillfactor = 60);

ALTER TABLE ledger_balance ADD CONSTRAINT ledger_balance_of_account
    FOREIGN KEY (ledger, account) REFERENCES ledger_account (ledger, id);

-- The last wall behind the conditional writes: no path, present or future, can overdraw.
ALTER TABLE ledger_balance ADD CONSTRAINT ledger_balance_within_limits CHECK (
    ((flags & 1) = 0 OR debits_pending + debits_posted <= credits_posted)
    AND ((flags & 2) = 0 OR credits_pending + credits_posted <= debits_posted)
);

CREATE FUNCTION ledger_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the ledger is append-only, correct with a new transfer',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

-- Grants keep the application out; these stop the owner too.
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_transfer_no_truncate BEFORE TRUNCATE ON ledger_transfer
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
