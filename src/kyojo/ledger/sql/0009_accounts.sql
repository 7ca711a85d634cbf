-- Accounts and their balance rows carry the currency from here on; 0004 and 0005 say the rest.

CREATE OR REPLACE FUNCTION ledger_account_open(
    p_ledger int, p_id uuid, p_currency text, p_code int, p_vintage int, p_flags int,
    p_stripes int, p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_old public.ledger_account%ROWTYPE;
BEGIN
    SELECT * INTO v_old FROM public.ledger_account a WHERE a.ledger = p_ledger AND a.id = p_id;
    IF NOT FOUND THEN
        IF p_stripes <> ALL (ARRAY[1, 2, 4, 8, 16, 32, 64]) THEN RETURN 'stripes_not_allowed'; END IF;
        IF p_flags & 4 <> 0 AND p_stripes > 1 THEN RETURN 'history_must_not_be_striped'; END IF;
        INSERT INTO public.ledger_account (ledger, id, currency, code, vintage, flags, stripes,
            opened_at)
        VALUES (p_ledger, p_id, p_currency, p_code, p_vintage, p_flags, p_stripes, p_now)
        ON CONFLICT (ledger, id) DO NOTHING;
        IF FOUND THEN
            INSERT INTO public.ledger_balance (ledger, account, stripe, currency, flags,
                debits_pending, debits_posted, credits_pending, credits_posted)
            SELECT p_ledger, p_id, s, p_currency,
                p_flags | CASE WHEN p_stripes > 1 THEN 16 ELSE 0 END, 0, 0, 0, 0
            FROM generate_series(0, p_stripes - 1) s;
            RETURN 'ok';
        END IF;
        SELECT * INTO v_old FROM public.ledger_account a WHERE a.ledger = p_ledger AND a.id = p_id;
    END IF;
    RETURN CASE
        WHEN v_old.currency <> p_currency THEN 'exists_with_different_currency'
        WHEN v_old.code <> p_code THEN 'exists_with_different_code'
        WHEN v_old.vintage <> p_vintage THEN 'exists_with_different_vintage'
        -- closed and stripes are states of the account, not part of what was asked for
        WHEN (v_old.flags & ~8) <> (p_flags & ~8) THEN 'exists_with_different_flags'
        ELSE 'exists'
    END;
END
$$;

-- Gives an account that has become hot more stripes. What it has stays where it is: the first
-- transfers that find a stripe short spread it (0004_exact.sql). Fewer stripes are never made.
CREATE OR REPLACE FUNCTION ledger_account_stripe(p_ledger int, p_id uuid, p_stripes int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_stripes CONSTANT int := public.ledger_account_lock(p_ledger, p_id);
    v_flags int;
BEGIN
    IF v_stripes = 0 THEN RETURN 'account_not_found'; END IF;
    IF p_stripes <> ALL (ARRAY[1, 2, 4, 8, 16, 32, 64]) THEN RETURN 'stripes_not_allowed'; END IF;
    SELECT a.flags INTO v_flags FROM public.ledger_account a
    WHERE a.ledger = p_ledger AND a.id = p_id;
    IF v_flags & 4 <> 0 AND p_stripes > 1 THEN RETURN 'history_must_not_be_striped'; END IF;
    IF p_stripes <= v_stripes THEN RETURN 'exists'; END IF;
    -- As full as an account of several stripes is told by 32: c_most / 64, as in 0004_exact.sql.
    UPDATE public.ledger_balance b SET flags = b.flags | 16 | CASE WHEN
            greatest(b.debits_pending + b.debits_posted, b.credits_pending + b.credits_posted)
            > 9007199254740992 / 64 THEN 32 ELSE 0 END
    WHERE b.ledger = p_ledger AND b.account = p_id;
    INSERT INTO public.ledger_balance (ledger, account, stripe, currency, flags,
        debits_pending, debits_posted, credits_pending, credits_posted)
    SELECT p_ledger, p_id, s, min(b.currency), bit_or(b.flags), 0, 0, 0, 0
    FROM generate_series(v_stripes, p_stripes - 1) s, public.ledger_balance b
    WHERE b.ledger = p_ledger AND b.account = p_id
    GROUP BY s;
    UPDATE public.ledger_account a SET stripes = p_stripes
    WHERE a.ledger = p_ledger AND a.id = p_id;
    RETURN 'ok';
END
$$;

-- Opens accounts of one kind; answers the ids that were new. The others exist, with this content or
-- another: ledger_account_open says which.
CREATE OR REPLACE FUNCTION ledger_accounts_open(
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
    INSERT INTO public.ledger_balance (ledger, account, stripe, currency, flags,
        debits_pending, debits_posted, credits_pending, credits_posted)
    SELECT p_ledger, n.id, 0, p_currency, p_flags, 0, 0, 0, 0 FROM unnest(v_new) n (id);
    RETURN v_new;
END
$$;
