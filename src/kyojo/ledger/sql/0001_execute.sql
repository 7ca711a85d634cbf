-- The hot path. docs/reference/ledger.md has the order of precedence and why this cannot deadlock.

-- Decides and writes legs that do not speak of each other (among all the transfers they name, their
-- own ids included, none occurs twice).
-- Internal: neither granted nor SECURITY DEFINER, so only ledger_execute reaches the tables.
--
-- 1. locks the balance rows of all legs in (account, stripe) order and reads them;
-- 2. decides the legs in the order given, on the locked numbers, in memory;
-- 3. writes all accepted transfers in one INSERT and all balances in one UPDATE.
CREATE FUNCTION ledger_apply(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_pendings uuid[], p_timeouts timestamptz[], p_codes int[],
    p_references uuid[], p_corrections uuid[], p_now timestamptz
) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    v_accounts uuid[];
    v_place jsonb;          -- account -> its place in the arrays below
    v_flags int[];
    v_dpending bigint[]; v_dposted bigint[]; v_cpending bigint[]; v_cposted bigint[];
    v_dp bigint[]; v_dd bigint[]; v_cp bigint[]; v_cc bigint[];  -- as they were locked
    v_results text[] := '{}';
    v_at timestamptz[] := '{}';
    v_amount bigint;
    v_code text;
    v_count int := 0;
    v_written int;
    leg record;
    d int; c int;
BEGIN
    SELECT array_agg(s.account ORDER BY s.account), jsonb_object_agg(s.account, s.place),
           array_agg(s.flags ORDER BY s.account),
           array_agg(s.debits_pending ORDER BY s.account),
           array_agg(s.debits_posted ORDER BY s.account),
           array_agg(s.credits_pending ORDER BY s.account),
           array_agg(s.credits_posted ORDER BY s.account)
    INTO v_accounts, v_place, v_flags, v_dpending, v_dposted, v_cpending, v_cposted
    FROM (
        SELECT l.*, row_number() OVER (ORDER BY l.account) AS place
        FROM (
            SELECT b.account, b.flags, b.debits_pending, b.debits_posted, b.credits_pending,
                   b.credits_posted
            FROM public.ledger_balance b
            WHERE b.ledger = p_ledger AND b.account = ANY (
                p_debits || p_credits || ARRAY(
                    SELECT unnest(ARRAY[h.debit, h.credit]) FROM public.ledger_transfer h
                    WHERE h.ledger = p_ledger AND h.id = ANY (array_remove(p_pendings, NULL))
                )
            )
            ORDER BY b.account, b.stripe
            FOR NO KEY UPDATE
        ) l
    ) s;
    v_dp := v_dpending; v_dd := v_dposted; v_cp := v_cpending; v_cc := v_cposted;

    FOR leg IN
        SELECT l.*, l.kind NOT IN ('plain', 'hold') AS resolves,
            l.correction_of IS NULL OR EXISTS (
                SELECT FROM public.ledger_transfer t
                WHERE t.ledger = p_ledger AND t.id = l.correction_of
            ) AS corrected,
            x.id AS x_id, x.kind AS x_kind, x.pending_id AS x_pending, x.timeout_at AS x_timeout,
            x.debit AS x_debit, x.credit AS x_credit, x.amount AS x_amount,
            x.reference AS x_reference, x.correction_of AS x_correction, x.code AS x_code,
            h.id AS h_id, h.kind AS h_kind, h.debit AS h_debit, h.credit AS h_credit,
            h.amount AS h_amount, h.timeout_at AS h_timeout, r.kind AS r_kind,
            da.currency AS debit_currency, ca.currency AS credit_currency
        FROM unnest(p_ids, p_debits, p_credits, p_amounts, p_kinds, p_pendings, p_timeouts,
                    p_codes, p_references, p_corrections) WITH ORDINALITY
            AS l (id, debit, credit, amount, kind, pending_id, timeout_at, code, reference,
                  correction_of, n)
        LEFT JOIN public.ledger_transfer x ON x.ledger = p_ledger AND x.id = l.id
        LEFT JOIN public.ledger_transfer h ON h.ledger = p_ledger AND h.id = l.pending_id
        LEFT JOIN public.ledger_transfer r ON r.ledger = p_ledger AND r.pending_id = l.pending_id
        LEFT JOIN public.ledger_account da ON da.ledger = p_ledger AND da.id = l.debit
        LEFT JOIN public.ledger_account ca ON ca.ledger = p_ledger AND ca.id = l.credit
        ORDER BY l.n
    LOOP
        d := (v_place ->> coalesce(leg.h_debit, leg.debit)::text)::int;
        c := (v_place ->> coalesce(leg.h_credit, leg.credit)::text)::int;
        -- A void and an expiry return the whole hold; 0 says so without knowing the number.
        v_amount := CASE WHEN leg.kind IN ('void', 'expire') AND leg.amount = 0
            THEN leg.h_amount ELSE leg.amount END;
        v_code := CASE
            WHEN leg.x_id IS NOT NULL THEN CASE
                WHEN leg.x_kind <> leg.kind THEN 'exists_with_different_kind'
                WHEN leg.x_pending IS DISTINCT FROM leg.pending_id
                    THEN 'exists_with_different_pending_id'
                WHEN leg.x_timeout IS DISTINCT FROM leg.timeout_at
                    THEN 'exists_with_different_timeout'
                WHEN leg.x_debit <> coalesce(leg.debit, leg.h_debit)
                    OR leg.debit IS NULL AND NOT leg.resolves
                    THEN 'exists_with_different_debit'
                WHEN leg.x_credit <> coalesce(leg.credit, leg.h_credit)
                    OR leg.credit IS NULL AND NOT leg.resolves
                    THEN 'exists_with_different_credit'
                WHEN leg.x_amount <> v_amount THEN 'exists_with_different_amount'
                WHEN leg.x_reference IS DISTINCT FROM leg.reference
                    THEN 'exists_with_different_reference'
                WHEN leg.x_correction IS DISTINCT FROM leg.correction_of
                    THEN 'exists_with_different_correction'
                WHEN leg.x_code <> leg.code THEN 'exists_with_different_code'
                ELSE 'exists' END
            WHEN leg.amount < 0 OR leg.amount = 0 AND leg.kind NOT IN ('void', 'expire')
                THEN 'amount_must_be_positive'
            WHEN leg.amount > c_most THEN 'amount_too_large'
            WHEN leg.resolves AND leg.pending_id IS NULL THEN 'pending_id_required'
            WHEN NOT leg.resolves AND leg.pending_id IS NOT NULL THEN 'pending_id_not_allowed'
            WHEN leg.timeout_at IS NOT NULL AND leg.kind <> 'hold' THEN 'timeout_not_allowed'
            WHEN leg.timeout_at <= p_now THEN 'timeout_must_be_in_the_future'
            WHEN leg.debit = leg.credit THEN 'accounts_must_differ'
            WHEN leg.debit_currency IS NULL AND (leg.debit IS NOT NULL OR NOT leg.resolves)
                THEN 'debit_account_not_found'
            WHEN leg.credit_currency IS NULL AND (leg.credit IS NOT NULL OR NOT leg.resolves)
                THEN 'credit_account_not_found'
            WHEN leg.debit_currency <> leg.credit_currency THEN 'currency_must_match'
            WHEN leg.resolves THEN CASE
                -- d is null when the hold was committed after the accounts were locked
                WHEN leg.h_id IS NULL OR d IS NULL OR c IS NULL THEN 'pending_not_found'
                WHEN leg.h_kind <> 'hold' THEN 'pending_not_a_hold'
                WHEN leg.debit <> leg.h_debit THEN 'pending_has_different_debit'
                WHEN leg.credit <> leg.h_credit THEN 'pending_has_different_credit'
                WHEN v_amount > leg.h_amount AND leg.kind = 'post' THEN 'exceeds_pending_amount'
                WHEN v_amount <> leg.h_amount AND leg.kind <> 'post'
                    THEN 'pending_has_different_amount'
                WHEN leg.r_kind = 'post' THEN 'pending_already_posted'
                WHEN leg.r_kind = 'void' THEN 'pending_already_voided'
                WHEN leg.r_kind = 'expire' THEN 'pending_already_expired'
                WHEN leg.h_timeout <= p_now AND leg.kind <> 'expire' THEN 'pending_expired'
                WHEN coalesce(leg.h_timeout > p_now, true) AND leg.kind = 'expire'
                    THEN 'pending_not_expired'
                WHEN NOT leg.corrected THEN 'corrected_not_found'
                ELSE 'ok' END
            WHEN NOT leg.corrected THEN 'corrected_not_found'
            -- opened after the locks were taken: as good as not there yet
            WHEN d IS NULL THEN 'debit_account_not_found'
            WHEN c IS NULL THEN 'credit_account_not_found'
            WHEN v_flags[d] & 8 <> 0 THEN 'debit_account_closed'
            WHEN v_flags[c] & 8 <> 0 THEN 'credit_account_closed'
            WHEN v_dpending[d] + v_dposted[d] + v_amount > c_most
                OR v_cpending[c] + v_cposted[c] + v_amount > c_most THEN 'total_too_large'
            WHEN v_flags[d] & 1 <> 0
                AND v_dpending[d] + v_dposted[d] + v_amount > v_cposted[d] THEN 'exceeds_credits'
            WHEN v_flags[c] & 2 <> 0
                AND v_cpending[c] + v_cposted[c] + v_amount > v_dposted[c] THEN 'exceeds_debits'
            ELSE 'ok' END;
        v_results := v_results || v_code;
        v_at := v_at || CASE WHEN v_code = 'ok' THEN clock_timestamp() END;
        CONTINUE WHEN v_code <> 'ok';

        v_count := v_count + 1;
        IF leg.kind = 'plain' THEN
            v_dposted[d] := v_dposted[d] + v_amount;
            v_cposted[c] := v_cposted[c] + v_amount;
        ELSIF leg.kind = 'hold' THEN
            v_dpending[d] := v_dpending[d] + v_amount;
            v_cpending[c] := v_cpending[c] + v_amount;
        ELSE
            v_dpending[d] := v_dpending[d] - leg.h_amount;
            v_cpending[c] := v_cpending[c] - leg.h_amount;
            IF leg.kind = 'post' THEN
                v_dposted[d] := v_dposted[d] + v_amount;
                v_cposted[c] := v_cposted[c] + v_amount;
            END IF;
        END IF;
    END LOOP;

    IF v_count = 0 THEN RETURN v_results; END IF;

    -- In id order, so that two calls with the same ids wait for each other one way only.
    INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind, pending_id,
        timeout_at, code, reference, correction_of, at, written_at)
    SELECT p_ledger, l.id, coalesce(l.debit, h.debit), coalesce(l.credit, h.credit),
        CASE WHEN l.amount = 0 THEN h.amount ELSE l.amount END, l.kind, l.pending_id,
        l.timeout_at, l.code, l.reference, l.correction_of, p_now, l.written_at
    FROM unnest(p_ids, p_debits, p_credits, p_amounts, p_kinds, p_pendings, p_timeouts,
                p_codes, p_references, p_corrections, v_at)
        AS l (id, debit, credit, amount, kind, pending_id, timeout_at, code, reference,
              correction_of, written_at)
    LEFT JOIN public.ledger_transfer h ON h.ledger = p_ledger AND h.id = l.pending_id
    WHERE l.written_at IS NOT NULL
    ORDER BY l.id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> v_count THEN
        -- The same id with other accounts was committed while this call waited for its entry.
        RAISE EXCEPTION 'ledger_execute lost a race' USING ERRCODE = 'KL001';
    END IF;

    UPDATE public.ledger_balance b SET
        debits_pending = b.debits_pending + n.dpending,
        debits_posted = b.debits_posted + n.dposted,
        credits_pending = b.credits_pending + n.cpending,
        credits_posted = b.credits_posted + n.cposted
    FROM (
        SELECT a.account, a.dpending - a.dp AS dpending, a.dposted - a.dd AS dposted,
               a.cpending - a.cp AS cpending, a.cposted - a.cc AS cposted
        FROM unnest(v_accounts, v_dpending, v_dp, v_dposted, v_dd, v_cpending, v_cp, v_cposted,
                    v_cc) AS a (account, dpending, dp, dposted, dd, cpending, cp, cposted, cc)
        WHERE (a.dpending, a.dposted, a.cpending, a.cposted) <> (a.dp, a.dd, a.cp, a.cc)
    ) n
    WHERE b.ledger = p_ledger AND b.account = n.account AND b.stripe = 0;
    RETURN v_results;
END
$$;

-- The common case at its shortest: one plain transfer or hold, tried on the assumption that nothing
-- stands against it. True: done. False: something does, the caller rolls back what was written
-- and asks ledger_apply, which alone knows the codes. Internal, as ledger_apply.
CREATE FUNCTION ledger_apply_one(
    p_ledger int, p_id uuid, p_debit uuid, p_credit uuid, p_amount bigint, p_kind text,
    p_timeout timestamptz, p_code int, p_reference uuid, p_now timestamptz
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    -- What each side's pending and posted sums gain; the sums of the other side gain nothing.
    v_pending CONSTANT bigint := CASE p_kind WHEN 'hold' THEN p_amount ELSE 0 END;
    v_posted CONSTANT bigint := p_amount - v_pending;
    v_debit boolean := p_debit < p_credit;  -- the lower account goes first, as in ledger_apply
BEGIN
    FOR i IN 1 .. 2 LOOP
        IF v_debit THEN
            UPDATE public.ledger_balance b SET
                debits_pending = b.debits_pending + v_pending,
                debits_posted = b.debits_posted + v_posted
            WHERE b.ledger = p_ledger AND b.account = p_debit AND b.stripe = 0
                AND b.flags & 8 = 0
                AND b.debits_pending + b.debits_posted + p_amount <=
                    CASE WHEN b.flags & 1 <> 0 THEN least(b.credits_posted, c_most)
                        ELSE c_most END;
        ELSE
            UPDATE public.ledger_balance b SET
                credits_pending = b.credits_pending + v_pending,
                credits_posted = b.credits_posted + v_posted
            WHERE b.ledger = p_ledger AND b.account = p_credit AND b.stripe = 0
                AND b.flags & 8 = 0
                AND b.credits_pending + b.credits_posted + p_amount <=
                    CASE WHEN b.flags & 2 <> 0 THEN least(b.debits_posted, c_most)
                        ELSE c_most END;
        END IF;
        IF NOT FOUND THEN RETURN false; END IF;
        v_debit := NOT v_debit;
    END LOOP;
    INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind, timeout_at, code,
        reference, at, written_at)
    SELECT p_ledger, p_id, p_debit, p_credit, p_amount, p_kind, p_timeout, p_code, p_reference,
        p_now, clock_timestamp()
    FROM public.ledger_account d, public.ledger_account c
    WHERE d.ledger = p_ledger AND d.id = p_debit AND c.ledger = p_ledger AND c.id = p_credit
        AND d.currency = c.currency
    ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;

-- Executes legs of one ledger in order; answers one code per leg. p_linked: all or nothing.
-- A call that writes nothing leaves no lock behind either, in whatever transaction it was made.
CREATE FUNCTION ledger_execute(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_pendings uuid[], p_timeouts timestamptz[], p_codes int[],
    p_references uuid[], p_corrections uuid[], p_linked boolean, p_now timestamptz
) RETURNS text[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Planning costs ten times the execution, so plans are made once for a connection; one that was
-- made while the tables were small must not scan them for ever.
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    v_count CONSTANT int := cardinality(p_ids);
    v_results text[];
    v_refused boolean;
    v_one text[];
    v_pendings CONSTANT uuid[] := array_remove(p_pendings, NULL);
    v_named CONSTANT uuid[] := p_ids || v_pendings || array_remove(p_corrections, NULL);
    v_tries int := 0;
    v_simple boolean := v_count = 1 AND p_kinds[1] IN ('plain', 'hold') AND p_pendings[1] IS NULL
        AND p_amounts[1] BETWEEN 1 AND 9007199254740992 AND p_debits[1] <> p_credits[1]
        AND (p_timeouts[1] IS NULL OR p_kinds[1] = 'hold' AND p_timeouts[1] > p_now)
        AND p_corrections[1] IS NULL;
BEGIN
    IF v_count = 0 THEN RETURN '{}'; END IF;
    LOOP
        BEGIN
            IF v_simple THEN
                IF public.ledger_apply_one(p_ledger, p_ids[1], p_debits[1], p_credits[1],
                    p_amounts[1], p_kinds[1], p_timeouts[1], p_codes[1], p_references[1], p_now)
                THEN
                    RETURN ARRAY['ok'];
                END IF;
                RAISE EXCEPTION 'something stands against it' USING ERRCODE = 'KL003';
            ELSIF v_count = 1 OR (
                SELECT count(*) = count(DISTINCT u.id) FROM unnest(v_named) u (id)
            ) THEN
                v_results := public.ledger_apply(p_ledger, p_ids, p_debits, p_credits, p_amounts,
                    p_kinds, p_pendings, p_timeouts, p_codes, p_references, p_corrections, p_now);
            ELSE
                -- Legs that speak of each other (a hold and its post, an id twice) go one by one,
                -- after all their accounts have been locked in order.
                PERFORM FROM public.ledger_balance b
                WHERE b.ledger = p_ledger AND b.account = ANY (
                    p_debits || p_credits || ARRAY(
                        SELECT unnest(ARRAY[h.debit, h.credit]) FROM public.ledger_transfer h
                        WHERE h.ledger = p_ledger AND h.id = ANY (v_pendings)
                    )
                )
                ORDER BY b.account, b.stripe
                FOR NO KEY UPDATE;
                v_results := '{}';
                FOR i IN 1 .. v_count LOOP
                    v_one := public.ledger_apply(p_ledger, p_ids[i:i], p_debits[i:i],
                        p_credits[i:i], p_amounts[i:i], p_kinds[i:i], p_pendings[i:i],
                        p_timeouts[i:i], p_codes[i:i], p_references[i:i], p_corrections[i:i],
                        p_now);
                    v_results := v_results || v_one;
                END LOOP;
            END IF;
            v_refused := p_linked AND NOT v_results <@ ARRAY['ok', 'exists'];
            IF v_refused OR NOT 'ok' = ANY (v_results) THEN
                RAISE EXCEPTION 'nothing is written' USING ERRCODE = 'KL002';
            END IF;
            RETURN v_results;
        EXCEPTION
            WHEN SQLSTATE 'KL001' THEN
                v_tries := v_tries + 1;
                IF v_tries > 10 THEN RAISE; END IF;
            WHEN SQLSTATE 'KL003' THEN
                v_simple := false;
            WHEN SQLSTATE 'KL002' THEN
                IF v_refused THEN
                    SELECT array_agg(
                        CASE WHEN r.code IN ('ok', 'exists') THEN 'linked_event_failed'
                            ELSE r.code END
                        ORDER BY r.n
                    ) INTO v_results FROM unnest(v_results) WITH ORDINALITY r (code, n);
                END IF;
                RETURN v_results;
        END;
    END LOOP;
END
$$;

-- Holds of a ledger whose time is over and that nothing has resolved, oldest first.
CREATE FUNCTION ledger_holds_due(p_ledger int, p_now timestamptz, p_limit int)
RETURNS TABLE (hold uuid, code int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.id, h.code::int FROM public.ledger_transfer h
    WHERE h.ledger = p_ledger AND h.timeout_at <= p_now AND NOT EXISTS (
        SELECT FROM public.ledger_transfer r WHERE r.ledger = p_ledger AND r.pending_id = h.id
    )
    ORDER BY h.timeout_at, h.id
    LIMIT p_limit
$$;
