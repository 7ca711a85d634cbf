-- Many accounts at once, and what ended vintages still hold.

-- Opens accounts of one kind; answers the ids that were new. The others exist, with this content or
-- another: ledger_account_open says which.
CREATE FUNCTION ledger_accounts_open(
    p_ledger int, p_ids uuid[], p_currency text, p_code int, p_vintage int, p_flags int,
    p_now timestamptz
) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_new uuid[];
BEGIN
    -- In id order, so that two calls with the same ids wait for each other one way only.
    WITH opened AS (
        INSERT INTO public.ledger_account (ledger, id, currency, code, vintage, flags, opened_at)
        SELECT p_ledger, i.id, p_currency, p_code, p_vintage, p_flags, p_now
        FROM (SELECT DISTINCT u.id FROM unnest(p_ids) u (id) ORDER BY 1) i
        ON CONFLICT (ledger, id) DO NOTHING
        RETURNING id
    )
    SELECT coalesce(array_agg(o.id), '{}') INTO v_new FROM opened o;
    INSERT INTO public.ledger_balance (ledger, account, stripe, flags,
        debits_pending, debits_posted, credits_pending, credits_posted)
    SELECT p_ledger, n.id, 0, p_flags, 0, 0, 0, 0 FROM unnest(v_new) n (id);
    RETURN v_new;
END
$$;

-- Accounts of vintages below p_before that could still give something, by id, from p_after on: how
-- much, and what they have given so far (which only grows, and so tells one sweep from the next).
CREATE FUNCTION ledger_vintages_due(
    p_ledger int, p_currency text, p_before int, p_after uuid, p_limit int
) RETURNS TABLE (account uuid, available bigint, given bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, sum(b.credits_posted - b.debits_posted - b.debits_pending)::bigint,
           sum(b.debits_posted)::bigint
    FROM public.ledger_account a
    JOIN public.ledger_balance b ON b.ledger = p_ledger AND b.account = a.id
    WHERE a.ledger = p_ledger AND a.currency = p_currency AND a.id > p_after
        AND a.vintage > 0 AND a.vintage < p_before
    GROUP BY a.id
    HAVING sum(b.credits_posted - b.debits_posted - b.debits_pending) > 0
    ORDER BY a.id
    LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION
    ledger_accounts_open(int, uuid[], text, int, int, int, timestamptz),
    ledger_vintages_due(int, text, int, uuid, int)
FROM PUBLIC;
