-- Large calls write balances by an upsert; one leg that is a transaction of its own goes straight.

-- One plain transfer or hold between two accounts of one stripe, as a transaction of its own: 'ok', or
-- 'again' where anything at all stands against it. All that it must know stands in the two rows that
-- it locks, so it looks up no accounts; what it wrote it puts back, so it needs no subtransaction.
-- That is why it must be alone: its locks end only with the transaction, and whoever hears 'again'
-- ends it and calls ledger_execute_one, which decides as everywhere.
CREATE FUNCTION ledger_execute_alone(
    p_ledger int, p_id uuid, p_debit uuid, p_credit uuid, p_amount bigint, p_kind text,
    p_timeout timestamptz, p_code int, p_reference uuid, p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- A plan that was made while the tables were small must not scan them for ever.
SET enable_seqscan = off AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    v_held bigint; v_moved bigint;  -- what each side's pending and posted sums gain
    v_turn boolean;  -- the debit's turn; the lower id first
    v_currency text;
    v_written int := 0;  -- how many sides are written
BEGIN
    IF (p_kind IN ('plain', 'hold') AND p_debit <> p_credit AND p_amount BETWEEN 1 AND c_most
        AND (p_timeout IS NULL OR p_kind = 'hold' AND p_timeout > p_now)) IS NOT TRUE
    THEN
        RETURN 'again';
    END IF;
    v_held := CASE p_kind WHEN 'hold' THEN p_amount ELSE 0 END;
    v_moved := p_amount - v_held;
    v_turn := p_debit < p_credit;
    FOR i IN 1 .. 2 LOOP
        IF v_turn THEN
            UPDATE public.ledger_balance b SET
                debits_pending = b.debits_pending + v_held,
                debits_posted = b.debits_posted + v_moved
            WHERE b.ledger = p_ledger AND b.account = p_debit AND b.stripe = 0
                AND b.flags & 60 = 0 AND (i = 1 OR b.currency = v_currency)
                AND b.debits_pending + b.debits_posted + p_amount
                    <= CASE WHEN b.flags & 1 <> 0 THEN b.credits_posted ELSE c_most END
            RETURNING b.currency INTO v_currency;
        ELSE
            UPDATE public.ledger_balance b SET
                credits_pending = b.credits_pending + v_held,
                credits_posted = b.credits_posted + v_moved
            WHERE b.ledger = p_ledger AND b.account = p_credit AND b.stripe = 0
                AND b.flags & 60 = 0 AND (i = 1 OR b.currency = v_currency)
                AND b.credits_pending + b.credits_posted + p_amount
                    <= CASE WHEN b.flags & 2 <> 0 THEN b.debits_posted ELSE c_most END
            RETURNING b.currency INTO v_currency;
        END IF;
        EXIT WHEN NOT FOUND;
        v_written := i;
        v_turn := NOT v_turn;
    END LOOP;
    IF v_written = 2 THEN
        INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind,
            timeout_at, code, reference, at, written_at)
        VALUES (p_ledger, p_id, p_debit, p_credit, p_amount, p_kind, p_timeout, p_code,
            p_reference, p_now, clock_timestamp())
        ON CONFLICT (ledger, id) DO NOTHING;
        IF FOUND THEN RETURN 'ok'; END IF;
    END IF;
    IF v_written = 2 OR v_written = 1 AND p_debit < p_credit THEN
        UPDATE public.ledger_balance b SET debits_pending = b.debits_pending - v_held,
            debits_posted = b.debits_posted - v_moved
        WHERE b.ledger = p_ledger AND b.account = p_debit AND b.stripe = 0;
    END IF;
    IF v_written = 2 OR v_written = 1 AND p_debit > p_credit THEN
        UPDATE public.ledger_balance b SET credits_pending = b.credits_pending - v_held,
            credits_posted = b.credits_posted - v_moved
        WHERE b.ledger = p_ledger AND b.account = p_credit AND b.stripe = 0;
    END IF;
    RETURN 'again';
END
$$;

-- Many plain transfers and holds against which nothing stands: one net change of each balance, on
-- conditions under which every order of the legs would succeed. Raises KL003 (or what the tables
-- refuse) otherwise. Internal: neither granted nor SECURITY DEFINER.
CREATE OR REPLACE FUNCTION ledger_apply_many(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_timeouts timestamptz[], p_codes int[], p_references uuid[],
    p_now timestamptz
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    v_holds CONSTANT boolean := 'hold' = ANY (p_kinds);
    v_hot boolean := false;
    v_sound boolean;
    v_written int; v_made boolean;
    v_accounts uuid[]; v_stripes int[];
    v_dp bigint[]; v_dd bigint[]; v_cp bigint[]; v_cc bigint[];
    v_xid CONSTANT bigint := pg_current_xact_id()::text::bigint;  -- the column's default, once
BEGIN
    -- Sums of doubles are exact as long as they stay below 2^53: one that does not is left to the
    -- exact way (2^53 + 1 would come out as 2^53). Sums of bigints are numerics and take three
    -- times as long.
    SELECT array_agg(s.account ORDER BY s.account), array_agg(a.stripes ORDER BY s.account),
        array_agg(s.dp ORDER BY s.account), array_agg(s.dd ORDER BY s.account),
        array_agg(s.cp ORDER BY s.account), array_agg(s.cc ORDER BY s.account),
        count(*) = count(a.id) AND min(a.currency) = max(a.currency) AND bool_and(s.sound)
            AND max(greatest(s.dp, s.dd, s.cp, s.cc)) < c_most
            AND bit_or(a.flags) & 12 = 0 AND NOT (v_holds AND max(a.stripes) > 1),
        max(a.stripes) > 1
    INTO v_accounts, v_stripes, v_dp, v_dd, v_cp, v_cc, v_sound, v_hot
    FROM (
        SELECT e.account, bool_and(e.sound) AS sound,
            sum(CASE WHEN e.debit AND e.hold THEN e.amount ELSE 0 END)::bigint AS dp,
            sum(CASE WHEN e.debit AND NOT e.hold THEN e.amount ELSE 0 END)::bigint AS dd,
            sum(CASE WHEN NOT e.debit AND e.hold THEN e.amount ELSE 0 END)::bigint AS cp,
            sum(CASE WHEN NOT e.debit AND NOT e.hold THEN e.amount ELSE 0 END)::bigint AS cc
        FROM (
            SELECT l.debit AS account, true AS debit, l.kind = 'hold' AS hold,
                l.amount::double precision AS amount,
                l.debit <> l.credit AND l.amount BETWEEN 1 AND c_most
                    AND (l.timeout_at IS NULL OR l.kind = 'hold' AND l.timeout_at > p_now) AS sound
            FROM unnest(p_debits, p_credits, p_amounts, p_kinds, p_timeouts)
                AS l (debit, credit, amount, kind, timeout_at)
            UNION ALL
            SELECT l.credit, false, l.kind = 'hold', l.amount::double precision, true
            FROM unnest(p_credits, p_amounts, p_kinds) AS l (credit, amount, kind)
        ) e GROUP BY e.account
    ) s
    LEFT JOIN LATERAL (
        SELECT * FROM public.ledger_account o
        WHERE o.ledger = p_ledger AND o.id = s.account OFFSET 0
    ) a ON true;
    IF v_sound IS NOT TRUE OR v_hot AND EXISTS (
        -- More than lies on the one stripe that this would take it from: seen before any work.
        SELECT FROM unnest(v_accounts, v_stripes, v_dd) AS n (account, stripes, dd), LATERAL (
            SELECT * FROM public.ledger_balance o
            WHERE o.ledger = p_ledger AND o.account = n.account
                AND o.stripe = uuid_hash(p_ids[1]) & (n.stripes - 1) OFFSET 0
        ) b
        WHERE n.stripes > 1 AND b.flags & 1 <> 0
            AND b.debits_pending + b.debits_posted + n.dd > b.credits_posted
    ) THEN
        RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003';
    END IF;

    -- Accounts of one stripe first, as everywhere; each row locked, checked and written at once, in
    -- this order and by its key, whatever the planner believes of a town: that is what an upsert
    -- does. Every row should be there (an account is opened with its balance): one that had to be
    -- made is not kept. What an account receives in this call does not count towards what it may give.
    WITH written AS (
        INSERT INTO public.ledger_balance AS b (ledger, account, stripe, currency, flags,
            debits_pending, debits_posted, credits_pending, credits_posted)
        SELECT p_ledger, n.account, uuid_hash(p_ids[1]) & (n.stripes - 1), '', 0,
            n.dp, n.dd, n.cp, n.cc
        FROM unnest(v_accounts, v_stripes, v_dp, v_dd, v_cp, v_cc) AS n (account, stripes, dp, dd, cp, cc)
        ORDER BY n.stripes > 1, n.account
        ON CONFLICT (ledger, account, stripe) DO UPDATE SET
            debits_pending = b.debits_pending + excluded.debits_pending,
            debits_posted = b.debits_posted + excluded.debits_posted,
            credits_pending = b.credits_pending + excluded.credits_pending,
            credits_posted = b.credits_posted + excluded.credits_posted
        WHERE b.flags & 40 = 0
            AND (excluded.debits_pending + excluded.debits_posted = 0
                OR b.debits_pending + b.debits_posted
                    + excluded.debits_pending + excluded.debits_posted <= least(
                    CASE WHEN b.flags & 1 <> 0 THEN b.credits_posted ELSE c_most END,
                    CASE WHEN b.flags & 16 <> 0 THEN c_most / 64 ELSE c_most END))
            AND (excluded.credits_pending + excluded.credits_posted = 0
                OR b.credits_pending + b.credits_posted
                    + excluded.credits_pending + excluded.credits_posted <= least(
                    CASE WHEN b.flags & 2 <> 0 THEN b.debits_posted ELSE c_most END,
                    CASE WHEN b.flags & 16 <> 0 THEN c_most / 64 ELSE c_most END))
        RETURNING b.xmax = 0 AS made  -- nobody updated it, so it was not there
    )
    SELECT count(*), bool_or(w.made) INTO v_written, v_made FROM written w;
    IF v_written < cardinality(v_accounts) OR v_made THEN
        RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003';
    END IF;

    INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind, timeout_at, code,
        reference, at, written_at, written_xid)
    SELECT p_ledger, l.id, l.debit, l.credit, l.amount, l.kind, l.timeout_at, l.code, l.reference,
        p_now, clock_timestamp(), v_xid
    FROM unnest(p_ids, p_debits, p_credits, p_amounts, p_kinds, p_timeouts, p_codes, p_references)
        AS l (id, debit, credit, amount, kind, timeout_at, code, reference)
    -- In id order, so that two calls with the same ids wait for each other one way only.
    ORDER BY l.id;
END
$$;

REVOKE ALL ON FUNCTION
    ledger_execute_alone(int, uuid, uuid, uuid, bigint, text, timestamptz, int, uuid, timestamptz)
FROM PUBLIC;
