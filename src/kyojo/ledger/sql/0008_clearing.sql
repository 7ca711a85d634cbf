-- Whom a clearing account is with. Its id derives from that, but nobody can read it back out of the
-- id: without this, comparing two sides means trying every pair of ledgers there are.
CREATE FUNCTION ledger_clearing_open(
    p_ledger int, p_id uuid, p_counterpart int, p_currency text, p_code int, p_stripes int,
    p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_result CONSTANT text := public.ledger_account_open(
        p_ledger, p_id, p_currency, p_code, 0, 0, p_stripes, p_now);
BEGIN
    IF v_result IN ('ok', 'exists') THEN
        INSERT INTO public.ledger_clearing (ledger, account, counterpart)
        VALUES (p_ledger, p_id, p_counterpart)
        ON CONFLICT (ledger, account) DO NOTHING;
    END IF;
    RETURN v_result;
END
$$;
REVOKE ALL ON FUNCTION ledger_clearing_open(int, uuid, int, text, int, int, timestamptz)
FROM PUBLIC;

CREATE TRIGGER ledger_clearing_append_only BEFORE UPDATE OR DELETE ON ledger_clearing
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_clearing_no_truncate BEFORE TRUNCATE ON ledger_clearing
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
