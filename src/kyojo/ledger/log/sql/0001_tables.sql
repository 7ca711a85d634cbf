-- What Django's migrations cannot say about the log's tables.

-- Hashes do not compress: trying costs time at every append.
ALTER TABLE ledger_log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;

ALTER TABLE ledger_log_tile ADD CONSTRAINT ledger_log_tile_whole_hashes CHECK (
    level BETWEEN 0 AND 7 AND index >= 0
    AND octet_length(hashes) % 32 = 0 AND octet_length(hashes) BETWEEN 32 AND 8192
);
ALTER TABLE ledger_log_key ADD CONSTRAINT ledger_log_key_length CHECK (octet_length(key) = 32);

CREATE FUNCTION ledger_log_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the log is append-only', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END
$$;

-- Grants keep the application out; these stop the owner too.
CREATE TRIGGER ledger_log_entry_append_only BEFORE UPDATE OR DELETE ON ledger_log_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_entry_no_truncate BEFORE TRUNCATE ON ledger_log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_log_refuse_change();

CREATE TRIGGER ledger_log_head_stays BEFORE UPDATE OF ledger, origin, key, opened_at OR DELETE
    ON ledger_log_head FOR EACH ROW EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_head_no_truncate BEFORE TRUNCATE ON ledger_log_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_log_refuse_change();

CREATE TRIGGER ledger_log_tile_stays BEFORE UPDATE OF ledger, level, index OR DELETE
    ON ledger_log_tile FOR EACH ROW EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_tile_grows BEFORE UPDATE ON ledger_log_tile FOR EACH ROW
    WHEN (substring(new.hashes FOR octet_length(old.hashes)) <> old.hashes)
    EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_tile_no_truncate BEFORE TRUNCATE ON ledger_log_tile
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_log_refuse_change();

CREATE TRIGGER ledger_log_checkpoint_stays
    BEFORE UPDATE OF ledger, size, root, note, made_at OR DELETE ON ledger_log_checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_checkpoint_no_truncate BEFORE TRUNCATE ON ledger_log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_log_refuse_change();

-- A key can be erased; it cannot be exchanged, nor can its empty place be given up.
CREATE TRIGGER ledger_log_key_stays BEFORE UPDATE OF ledger, account, made_at OR DELETE
    ON ledger_log_key FOR EACH ROW EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_key_once BEFORE UPDATE ON ledger_log_key FOR EACH ROW
    WHEN (new.key IS NOT NULL AND new.key IS DISTINCT FROM old.key)
    EXECUTE FUNCTION ledger_log_refuse_change();
CREATE TRIGGER ledger_log_key_no_truncate BEFORE TRUNCATE ON ledger_log_key
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_log_refuse_change();
