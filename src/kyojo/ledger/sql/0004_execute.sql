-- The two ways in, and their short ways. A short way is tried on the assumption that nothing
-- stands against it; where something does, what it wrote is rolled back and the exact way
-- (0004_exact.sql) decides, which alone knows the codes.

DROP FUNCTION ledger_execute(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[],
    int[], uuid[], uuid[], boolean, timestamptz);
DROP FUNCTION ledger_apply(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[],
    int[], uuid[], uuid[], timestamptz);
DROP FUNCTION ledger_apply_one(int, uuid, uuid, uuid, bigint, text, timestamptz, int, uuid,
    timestamptz);

-- Executes legs the exact way. A call that writes nothing leaves no lock behind, in whatever
-- transaction it was made. Internal: neither granted nor SECURITY DEFINER.
CREATE FUNCTION ledger_execute_exactly(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_pendings uuid[], p_timeouts timestamptz[], p_codes int[],
    p_references uuid[], p_corrections uuid[], p_groups int[], p_now timestamptz
) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    v_results text[];
    v_tries int := 0;
BEGIN
    IF cardinality(p_ids) = 1 THEN
        -- Mostly a retry or a refusal, which needs no lock: what it sees is true at that moment.
        v_results := public.ledger_decide(p_ledger, p_ids, p_debits, p_credits, p_amounts, p_kinds,
            p_pendings, p_timeouts, p_codes, p_references, p_corrections, p_groups, p_now, false);
        IF v_results[1] <> 'ok' THEN RETURN v_results; END IF;
    END IF;
    LOOP
        BEGIN
            v_results := public.ledger_decide(p_ledger, p_ids, p_debits, p_credits, p_amounts,
                p_kinds, p_pendings, p_timeouts, p_codes, p_references, p_corrections, p_groups,
                p_now, true);
            IF NOT 'ok' = ANY (v_results) THEN
                RAISE EXCEPTION 'nothing is written' USING ERRCODE = 'KL002';
            END IF;
            RETURN v_results;
        EXCEPTION
            WHEN SQLSTATE 'KL002' THEN RETURN v_results;
            -- The same id with other accounts was committed while this call waited for its entry,
            -- an account got stripes, or the caller's transaction holds what another waits for.
            WHEN SQLSTATE 'KL001' OR unique_violation OR deadlock_detected THEN
                v_tries := v_tries + 1;
                IF v_tries > 10 THEN RAISE; END IF;
        END;
    END LOOP;
END
$$;

-- One leg. The hot path: docs/decisions/0003 says what each part of it is for.
CREATE FUNCTION ledger_execute_one(
    p_ledger int, p_id uuid, p_debit uuid, p_credit uuid, p_amount bigint, p_kind text,
    p_pending uuid, p_timeout timestamptz, p_code int, p_reference uuid, p_correction uuid,
    p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Plans are made once for a connection; one that was made while the tables were small must not
-- scan them for ever.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    v_debit uuid; v_credit uuid; v_amount bigint;
    v_held bigint; v_moved bigint;  -- what each side's pending and posted sums gain
    v_dstripes int; v_cstripes int;
    v_home int;
    v_turn boolean;  -- the debit's turn; accounts of one stripe first, then the lower id
    v_other int;
BEGIN
    BEGIN
        IF p_correction IS NOT NULL THEN
            RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003';
        ELSIF p_kind IN ('plain', 'hold') THEN
            SELECT p_debit, p_credit, p_amount, CASE p_kind WHEN 'hold' THEN p_amount ELSE 0 END,
                CASE p_kind WHEN 'hold' THEN 0 ELSE p_amount END, d.stripes, c.stripes
            INTO v_debit, v_credit, v_amount, v_held, v_moved, v_dstripes, v_cstripes
            FROM public.ledger_account d, public.ledger_account c
            WHERE d.ledger = p_ledger AND d.id = p_debit AND c.ledger = p_ledger
                AND c.id = p_credit AND d.currency = c.currency AND (d.flags | c.flags) & 4 = 0
                AND p_debit <> p_credit AND p_pending IS NULL AND p_amount BETWEEN 1 AND c_most
                AND (p_timeout IS NULL OR p_kind = 'hold' AND p_timeout > p_now);
        ELSE
            SELECT h.debit, h.credit, CASE p_kind WHEN 'post' THEN p_amount ELSE h.amount END,
                -h.amount, CASE p_kind WHEN 'post' THEN p_amount ELSE 0 END, d.stripes, c.stripes
            INTO v_debit, v_credit, v_amount, v_held, v_moved, v_dstripes, v_cstripes
            FROM public.ledger_transfer h, public.ledger_account d, public.ledger_account c
            WHERE h.ledger = p_ledger AND h.id = p_pending AND h.kind = 'hold'
                AND d.ledger = p_ledger AND d.id = h.debit AND c.ledger = p_ledger
                AND c.id = h.credit AND (d.flags | c.flags) & 4 = 0
                AND (p_debit IS NULL OR p_debit = h.debit)
                AND (p_credit IS NULL OR p_credit = h.credit) AND p_timeout IS NULL
                AND CASE p_kind WHEN 'post' THEN p_amount BETWEEN 1 AND h.amount
                    ELSE p_amount IN (0, h.amount) END
                AND CASE p_kind WHEN 'expire' THEN h.timeout_at <= p_now
                    ELSE h.timeout_at IS NULL OR h.timeout_at > p_now END;
        END IF;
        IF NOT FOUND THEN RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003'; END IF;
        -- A hold is where its id falls, so that its resolution finds it. What moves at once may go
        -- to any stripe: one for each connection, so that few ever want the same.
        v_home := CASE p_kind WHEN 'plain' THEN pg_backend_pid()
            ELSE uuid_hash(coalesce(p_pending, p_id)) END;
        v_turn := CASE WHEN (v_dstripes > 1) = (v_cstripes > 1) THEN v_debit < v_credit
            ELSE v_dstripes = 1 END;
        FOR i IN 1 .. 2 LOOP
            IF v_turn THEN
                UPDATE public.ledger_balance b SET
                    debits_pending = b.debits_pending + v_held,
                    debits_posted = b.debits_posted + v_moved
                WHERE b.ledger = p_ledger AND b.account = v_debit
                    AND b.stripe = v_home & (v_dstripes - 1) AND b.flags & 40 = 0
                    AND b.debits_pending + v_held >= 0
                    AND b.debits_pending + b.debits_posted + v_held + v_moved <= CASE
                        WHEN b.flags & 1 <> 0 AND b.credits_posted < c_most / 64
                            THEN b.credits_posted
                        WHEN b.flags & 16 <> 0 THEN c_most / 64
                        WHEN b.flags & 1 <> 0 THEN b.credits_posted
                        ELSE c_most END;
            ELSE
                UPDATE public.ledger_balance b SET
                    credits_pending = b.credits_pending + v_held,
                    credits_posted = b.credits_posted + v_moved
                WHERE b.ledger = p_ledger AND b.account = v_credit
                    AND b.stripe = v_home & (v_cstripes - 1) AND b.flags & 40 = 0
                    AND b.credits_pending + v_held >= 0
                    AND b.credits_pending + b.credits_posted + v_held + v_moved <= CASE
                        WHEN b.flags & 2 <> 0 AND b.debits_posted < c_most / 64
                            THEN b.debits_posted
                        WHEN b.flags & 16 <> 0 THEN c_most / 64
                        WHEN b.flags & 2 <> 0 THEN b.debits_posted
                        ELSE c_most END;
            END IF;
            IF NOT FOUND THEN
                IF NOT v_turn OR v_dstripes = 1 OR v_held < 0 OR NOT public.ledger_borrow(
                    p_ledger, v_debit, v_home & (v_dstripes - 1), v_held, v_moved)
                THEN
                    RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003';
                END IF;
            END IF;
            v_turn := NOT v_turn;
        END LOOP;
        INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind, pending_id,
            timeout_at, code, reference, at, written_at)
        VALUES (p_ledger, p_id, v_debit, v_credit, v_amount, p_kind, p_pending, p_timeout, p_code,
            p_reference, p_now, clock_timestamp());
        RETURN 'ok';
    EXCEPTION
        WHEN SQLSTATE 'KL003' OR unique_violation OR deadlock_detected THEN NULL;
    END;
    RETURN (public.ledger_execute_exactly(p_ledger, ARRAY[p_id], ARRAY[p_debit], ARRAY[p_credit],
        ARRAY[p_amount], ARRAY[p_kind], ARRAY[p_pending], ARRAY[p_timeout], ARRAY[p_code],
        ARRAY[p_reference], ARRAY[p_correction], NULL, p_now))[1];
END
$$;

-- A limited account whose home stripe is short takes the coins from a stripe that nobody is using
-- and that has enough; it never waits for that one. True: the debit is written. Internal, as above.
CREATE FUNCTION ledger_borrow(
    p_ledger int, p_account uuid, p_home int, p_held bigint, p_moved bigint
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_stripe int;
BEGIN
    IF p_held > 0 THEN
        -- A hold will need its home as well, and may wait for it only while it has no other stripe:
        -- who locks all of them in order would wait for that one in turn.
        PERFORM FROM public.ledger_balance b
        WHERE b.ledger = p_ledger AND b.account = p_account AND b.stripe = p_home
        FOR NO KEY UPDATE;
    END IF;
    SELECT b.stripe INTO v_stripe FROM public.ledger_balance b
    WHERE b.ledger = p_ledger AND b.account = p_account AND b.stripe <> p_home
        AND b.flags & 41 = 1
        AND b.credits_posted - b.debits_posted - b.debits_pending >= p_held + p_moved
        AND b.debits_pending + b.debits_posted + p_held + p_moved <= 9007199254740992 / 64
    LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN false; END IF;
    IF p_held = 0 THEN
        UPDATE public.ledger_balance b SET debits_posted = b.debits_posted + p_moved
        WHERE b.ledger = p_ledger AND b.account = p_account AND b.stripe = v_stripe;
        RETURN true;
    END IF;
    -- A hold stands at its home, where its resolution looks for it: the coins go there.
    UPDATE public.ledger_balance b SET credits_posted = b.credits_posted - p_held
    WHERE b.ledger = p_ledger AND b.account = p_account AND b.stripe = v_stripe;
    UPDATE public.ledger_balance b SET
        credits_posted = b.credits_posted + p_held, debits_pending = b.debits_pending + p_held
    WHERE b.ledger = p_ledger AND b.account = p_account AND b.stripe = p_home
        AND b.flags & 40 = 0
        AND greatest(b.debits_pending + b.debits_posted, b.credits_pending + b.credits_posted)
            + p_held <= 9007199254740992 / 64;
    RETURN FOUND;
END
$$;

-- Many plain transfers and holds against which nothing stands: one net change of each balance, on
-- conditions under which every order of the legs would succeed. Raises KL003 (or what the tables
-- refuse) otherwise. Internal, as above.
CREATE FUNCTION ledger_apply_many(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_timeouts timestamptz[], p_codes int[], p_references uuid[],
    p_now timestamptz
) RETURNS void
LANGUAGE plpgsql
-- Rows must be locked in the order of the arrays: nested loops, and never a scan in disk order.
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
SET enable_memoize = off SET enable_material = off AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    v_holds CONSTANT boolean := 'hold' = ANY (p_kinds);
    v_hot boolean := false;
    v_sound boolean;
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

    -- Accounts of one stripe first, as everywhere; each row locked, checked and written at once, by
    -- its key: as a join, a planner that has not met a town's new accounts yet compares all with
    -- all. What an account receives in this call does not count towards what it may give.
    PERFORM set_config('plan_cache_mode', 'force_generic_plan', true);
    FOR i IN 1 .. CASE WHEN v_hot THEN 2 ELSE 1 END LOOP
        FOR j IN 1 .. cardinality(v_accounts) LOOP
            CONTINUE WHEN (v_stripes[j] > 1) <> (i = 2);
            UPDATE public.ledger_balance b SET
                debits_pending = b.debits_pending + v_dp[j],
                debits_posted = b.debits_posted + v_dd[j],
                credits_pending = b.credits_pending + v_cp[j],
                credits_posted = b.credits_posted + v_cc[j]
            WHERE b.ledger = p_ledger AND b.account = v_accounts[j]
                AND b.stripe = uuid_hash(p_ids[1]) & (v_stripes[j] - 1) AND b.flags & 40 = 0
                AND (v_dp[j] + v_dd[j] = 0
                    OR b.debits_pending + b.debits_posted + v_dp[j] + v_dd[j] <= least(
                        CASE WHEN b.flags & 1 <> 0 THEN b.credits_posted ELSE c_most END,
                        CASE WHEN b.flags & 16 <> 0 THEN c_most / 64 ELSE c_most END))
                AND (v_cp[j] + v_cc[j] = 0
                    OR b.credits_pending + b.credits_posted + v_cp[j] + v_cc[j] <= least(
                        CASE WHEN b.flags & 2 <> 0 THEN b.debits_posted ELSE c_most END,
                        CASE WHEN b.flags & 16 <> 0 THEN c_most / 64 ELSE c_most END));
            IF NOT FOUND THEN RAISE EXCEPTION 'not short' USING ERRCODE = 'KL003'; END IF;
        END LOOP;
    END LOOP;

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

-- Executes legs of one ledger in order; answers one code per leg. Adjacent legs with the same
-- number in p_groups succeed together or not at all; null: each for itself. An array of which all
-- elements are null (pendings, timeouts, references, corrections) may be null itself.
CREATE FUNCTION ledger_execute(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_pendings uuid[], p_timeouts timestamptz[], p_codes int[],
    p_references uuid[], p_corrections uuid[], p_groups int[], p_now timestamptz
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    c_legs CONSTANT int := cardinality(p_ids);
BEGIN
    IF c_legs = 0 THEN RETURN '{}'; END IF;
    IF c_legs = 1 THEN
        RETURN ARRAY[public.ledger_execute_one(p_ledger, p_ids[1], p_debits[1], p_credits[1],
            p_amounts[1], p_kinds[1], p_pendings[1], p_timeouts[1], p_codes[1], p_references[1],
            p_corrections[1], p_now)];
    END IF;
    IF c_legs > 100 THEN
        -- So many legs are worth a plan of their own, made for the tables as they are now.
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
    IF p_kinds <@ ARRAY['plain', 'hold'] AND coalesce(array_remove(p_pendings, NULL), '{}') = '{}'
        AND coalesce(array_remove(p_corrections, NULL), '{}') = '{}'
    THEN
        BEGIN
            PERFORM public.ledger_apply_many(p_ledger, p_ids, p_debits, p_credits, p_amounts,
                p_kinds, p_timeouts, p_codes, p_references, p_now);
            RETURN array_fill('ok'::text, ARRAY[c_legs]);
        EXCEPTION
            WHEN SQLSTATE 'KL003' OR unique_violation OR deadlock_detected
                OR numeric_value_out_of_range THEN NULL;
        END;
    END IF;
    RETURN public.ledger_execute_exactly(p_ledger, p_ids, p_debits, p_credits, p_amounts, p_kinds,
        p_pendings, p_timeouts, p_codes, p_references, p_corrections, p_groups, p_now);
END
$$;

-- Gives back what a transfer moved, or a part of it; p_amount null: all of it. No code of a leg is
-- 'between_ledgers': its other side stands in another ledger, and this call writes one only.
CREATE FUNCTION ledger_correct(
    p_ledger int, p_id uuid, p_transfer uuid, p_amount bigint, p_code int, p_now timestamptz
) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v public.ledger_transfer%ROWTYPE;
BEGIN
    SELECT * INTO v FROM public.ledger_transfer t WHERE t.ledger = p_ledger AND t.id = p_transfer;
    IF NOT FOUND THEN RETURN 'corrected_not_found'; END IF;
    IF EXISTS (
        SELECT FROM public.ledger_account a
        WHERE a.ledger = p_ledger AND a.id IN (v.debit, v.credit)
            AND a.code = 20 -- types.AccountCode.CLEARING
    ) THEN
        RETURN 'between_ledgers';
    END IF;
    RETURN public.ledger_execute_one(p_ledger, p_id, v.credit, v.debit,
        coalesce(p_amount, v.amount), 'plain', NULL, NULL, p_code, v.reference, v.id, p_now);
END
$$;
