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
