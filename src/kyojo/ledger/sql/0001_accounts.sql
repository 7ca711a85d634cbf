-- Opening and closing accounts.

CREATE FUNCTION ledger_account_open(
    p_ledger int, p_id uuid, p_currency text, p_code int, p_vintage int, p_flags int,
    p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_old public.ledger_account%ROWTYPE;
BEGIN
    INSERT INTO public.ledger_account (ledger, id, currency, code, vintage, flags, opened_at)
    VALUES (p_ledger, p_id, p_currency, p_code, p_vintage, p_flags, p_now)
    ON CONFLICT (ledger, id) DO NOTHING;
    IF FOUND THEN
        INSERT INTO public.ledger_balance (ledger, account, stripe, flags,
            debits_pending, debits_posted, credits_pending, credits_posted)
        VALUES (p_ledger, p_id, 0, p_flags, 0, 0, 0, 0);
        RETURN 'ok';
    END IF;
    SELECT * INTO v_old FROM public.ledger_account a WHERE a.ledger = p_ledger AND a.id = p_id;
    RETURN CASE
        WHEN v_old.currency <> p_currency THEN 'exists_with_different_currency'
        WHEN v_old.code <> p_code THEN 'exists_with_different_code'
        WHEN v_old.vintage <> p_vintage THEN 'exists_with_different_vintage'
        -- closed is a state of the account, not part of what was asked for
        WHEN (v_old.flags & ~8) <> (p_flags & ~8) THEN 'exists_with_different_flags'
        ELSE 'exists'
    END;
END
$$;

CREATE FUNCTION ledger_account_close(p_ledger int, p_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v record;
BEGIN
    -- The balance rows first, as every transfer does: a transfer in flight ends before, or sees 8.
    SELECT count(*) AS stripes, sum(debits_pending + credits_pending) AS pending,
           sum(credits_posted - debits_posted) AS posted, bit_or(flags) & 8 AS closed
    INTO v
    FROM (
        SELECT * FROM public.ledger_balance b
        WHERE b.ledger = p_ledger AND b.account = p_id
        ORDER BY b.stripe FOR NO KEY UPDATE
    ) locked;
    IF v.stripes = 0 THEN RETURN 'account_not_found'; END IF;
    IF v.closed <> 0 THEN RETURN 'exists'; END IF;
    IF v.pending <> 0 THEN RETURN 'account_has_holds'; END IF;
    IF v.posted <> 0 THEN RETURN 'account_not_empty'; END IF;
    UPDATE public.ledger_balance b SET flags = b.flags | 8
    WHERE b.ledger = p_ledger AND b.account = p_id;
    UPDATE public.ledger_account a SET flags = a.flags | 8
    WHERE a.ledger = p_ledger AND a.id = p_id;
    RETURN 'ok';
END
$$;
