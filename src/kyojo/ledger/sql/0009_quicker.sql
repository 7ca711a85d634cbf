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
    v_written int;
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
    -- does. Every row is there (an account is opened with its balance), so none is inserted. What an
    -- account receives in this call does not count towards what it may give.
    INSERT INTO public.ledger_balance AS b (ledger, account, stripe, flags,
        debits_pending, debits_posted, credits_pending, credits_posted)
    SELECT p_ledger, n.account, uuid_hash(p_ids[1]) & (n.stripes - 1), 0, n.dp, n.dd, n.cp, n.cc
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
                CASE WHEN b.flags & 16 <> 0 THEN c_most / 64 ELSE c_most END));
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written < cardinality(v_accounts) THEN
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
    ledger_apply_many(int, uuid[], uuid[], uuid[], bigint[], text[], timestamptz[], int[], uuid[],
                      timestamptz)
FROM PUBLIC;

-- One leg looks up rows by their keys only. PostgreSQL keeps to that by itself, and putting two
-- settings on and off again for every call took a sixteenth of its time.
ALTER FUNCTION ledger_execute_one(int, uuid, uuid, uuid, bigint, text, uuid, timestamptz, int, uuid,
    uuid, timestamptz) RESET plan_cache_mode;
ALTER FUNCTION ledger_execute_one(int, uuid, uuid, uuid, bigint, text, uuid, timestamptz, int, uuid,
    uuid, timestamptz) RESET enable_seqscan;
