-- What accounts with the flag HISTORY were worth after each transfer: written once, as transfers.
CREATE TRIGGER ledger_history_append_only BEFORE UPDATE OR DELETE ON ledger_history
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_history_no_truncate BEFORE TRUNCATE ON ledger_history
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
