-- The exact way: decides any legs, in the order given, and alone knows the codes. What it locks,
-- in which order, and why that cannot make a ring: docs/reference/ledger.md.

-- Writes what legs have moved to accounts of several stripes, all of whose rows are locked. Each
-- transfer goes to its home, the stripe that its id (a resolution's: the hold's) falls on. If that
-- breaks a limit of one row, the account's coins are spread evenly over its rows, pending amounts
-- staying at home as far as they can. Internal: neither granted nor SECURITY DEFINER.
CREATE FUNCTION ledger_stripes_write(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_pendings uuid[],
    p_held bigint[], p_moved bigint[], p_striped uuid[]
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH side AS (
        SELECT s.account, coalesce(l.pending_id, l.id) AS home, s.debit, l.held, l.moved
        FROM unnest(p_ids, p_debits, p_credits, p_pendings, p_held, p_moved)
            AS l (id, debit, credit, pending_id, held, moved),
            LATERAL (VALUES (l.debit, true), (l.credit, false)) s (account, debit)
        WHERE l.held IS NOT NULL AND s.account = ANY (p_striped)
    ), home AS (
        SELECT s.account, uuid_hash(s.home) & (a.stripes - 1) AS stripe,
            sum(s.held) FILTER (WHERE s.debit) AS dp, sum(s.moved) FILTER (WHERE s.debit) AS dd,
            sum(s.held) FILTER (WHERE NOT s.debit) AS cp,
            sum(s.moved) FILTER (WHERE NOT s.debit) AS cc
        FROM side s
        JOIN public.ledger_account a ON a.ledger = p_ledger AND a.id = s.account
        GROUP BY 1, 2
    ), wished AS (
        SELECT b.account, b.stripe, b.flags,
            b.debits_pending + coalesce(h.dp, 0) AS dp, b.debits_posted + coalesce(h.dd, 0) AS dd,
            b.credits_pending + coalesce(h.cp, 0) AS cp, b.credits_posted + coalesce(h.cc, 0) AS cc
        FROM public.ledger_balance b
        LEFT JOIN home h ON h.account = b.account AND h.stripe = b.stripe
        WHERE b.ledger = p_ledger AND b.account = ANY (p_striped)
    ), summed AS (
        SELECT w.*, count(*) OVER whole AS n,
            bool_and(w.dp >= 0) OVER whole AS dp_fits, bool_and(w.cp >= 0) OVER whole AS cp_fits,
            bool_and(least(w.dp, w.dd, w.cp, w.cc) >= 0
                AND (w.flags & 1 = 0 OR w.dp + w.dd <= w.cc)
                AND (w.flags & 2 = 0 OR w.cp + w.cc <= w.dd)) OVER whole AS fits,
            sum(w.dp) OVER whole AS dp_all, sum(w.dd) OVER whole AS dd_all,
            sum(w.cp) OVER whole AS cp_all, sum(w.cc) OVER whole AS cc_all
        FROM wished w WINDOW whole AS (PARTITION BY w.account)
    ), pending AS (
        SELECT s.*,
            CASE WHEN s.dp_fits THEN s.dp
                ELSE div(s.dp_all, s.n) + (s.stripe < s.dp_all % s.n)::int END AS dp_new,
            CASE WHEN s.cp_fits THEN s.cp
                ELSE div(s.cp_all, s.n) + (s.stripe < s.cp_all % s.n)::int END AS cp_new
        FROM summed s
    ), posted AS (
        -- Beside what it needs for its own limit, each row gets its part of what is free.
        SELECT p.*,
            CASE WHEN p.fits THEN p.dd
                WHEN p.flags & 3 = 2 THEN p.cp_new + part.cc + div(free.debits, p.n)
                    + (p.stripe < free.debits % p.n)::int
                ELSE part.dd END AS dd_new,
            CASE WHEN p.fits THEN p.cc
                WHEN p.flags & 1 = 1 THEN p.dp_new + part.dd + div(free.credits, p.n)
                    + (p.stripe < free.credits % p.n)::int
                ELSE part.cc END AS cc_new
        FROM pending p,
            LATERAL (SELECT p.cc_all - p.dp_all - p.dd_all AS credits,
                            p.dd_all - p.cp_all - p.cc_all AS debits) free,
            LATERAL (SELECT
                div(p.dd_all, p.n) + (p.stripe < p.dd_all % p.n)::int AS dd,
                div(p.cc_all, p.n) + (p.stripe < p.cc_all % p.n)::int AS cc) part
    ), final AS (
        SELECT p.*, p.flags & ~32 | CASE WHEN
                max(greatest(p.dp_new + p.dd_new, p.cp_new + p.cc_new))
                    OVER (PARTITION BY p.account) > 9007199254740992 / 64 -- types.AMOUNT_MAX
            THEN 32 ELSE 0 END AS flags_new
        FROM posted p
    )
    UPDATE public.ledger_balance b SET flags = f.flags_new,
        debits_pending = f.dp_new, debits_posted = f.dd_new,
        credits_pending = f.cp_new, credits_posted = f.cc_new
    FROM final f
    WHERE b.ledger = p_ledger AND b.account = f.account AND b.stripe = f.stripe
        AND (b.flags, b.debits_pending, b.debits_posted, b.credits_pending, b.credits_posted)
            <> (f.flags_new, f.dp_new, f.dd_new, f.cp_new, f.cc_new);
END
$$;

-- Decides legs of one ledger in order, on what their predecessors leave, and writes those that are
-- accepted. Adjacent legs with the same number in p_groups are accepted together or not at all.
-- p_write false: only decides, on what it sees, and locks nothing. Internal, as above.
--
-- 1. locks all balance rows of all accounts: those of one stripe first, by (account, stripe);
-- 2. decides in memory, on numbers that stand for accounts and transfers;
-- 3. writes the transfers in one INSERT and the balances in one UPDATE.
CREATE FUNCTION ledger_decide(
    p_ledger int, p_ids uuid[], p_debits uuid[], p_credits uuid[], p_amounts bigint[],
    p_kinds text[], p_pendings uuid[], p_timeouts timestamptz[], p_codes int[],
    p_references uuid[], p_corrections uuid[], p_groups int[], p_now timestamptz,
    p_write boolean
) RETURNS text[]
LANGUAGE plpgsql AS $$
DECLARE
    c_most CONSTANT bigint := 9007199254740992;  -- types.AMOUNT_MAX
    c_legs CONSTANT int := cardinality(p_ids);
    v_nulls CONSTANT uuid[] := array_fill(NULL::uuid, ARRAY[c_legs]);
    -- By leg: its accounts (of a resolution: the hold's) and their places in the arrays below,
    -- the numbers of the transfers it names, and what it changed when it was accepted.
    v_debits uuid[]; v_credits uuid[]; v_place int[]; v_amounts bigint[]; v_number int[];
    v_held bigint[]; v_moved bigint[]; v_at timestamptz[]; v_results text[] := '{}';
    -- By place: flags and sums, as they are after the legs so far, and as they were locked.
    v_accounts uuid[]; v_flags int[];
    v_dp bigint[]; v_dd bigint[]; v_cp bigint[]; v_cc bigint[];
    v_dp0 bigint[]; v_dd0 bigint[]; v_cp0 bigint[]; v_cc0 bigint[];
    -- By number: the leg of this call that made the transfer, how this call resolved it, and how
    -- much this call has corrected of it.
    v_made int[]; v_resolved text[]; v_corrected bigint[];
    v_crossed boolean;  -- some transfer is named twice in this call
    v_history int[] := '{}';  -- legs and places of histories, and the sums there
    v_sums bigint[] := '{}';
    v_first int; v_history0 int; v_failed boolean := false;
    v_locked int := 0; v_rows int; v_accepted int := 0; v_one bigint; v_code text;
    leg record;
    n int; d int; c int; x int; k int;
BEGIN
    SELECT array_agg(coalesce(h.debit, l.debit) ORDER BY l.n),
        array_agg(coalesce(h.credit, l.credit) ORDER BY l.n)
    INTO v_debits, v_credits
    FROM unnest(p_debits, p_credits, p_pendings) WITH ORDINALITY l (debit, credit, pending_id, n)
    LEFT JOIN public.ledger_transfer h ON h.ledger = p_ledger AND h.id = l.pending_id;

    IF p_write THEN
        PERFORM FROM (SELECT DISTINCT unnest(v_debits || v_credits) AS account) u
        JOIN public.ledger_account a ON a.ledger = p_ledger AND a.id = u.account
        JOIN public.ledger_balance b ON b.ledger = p_ledger AND b.account = u.account
        ORDER BY a.stripes > 1, b.account, b.stripe
        FOR NO KEY UPDATE OF b;
        GET DIAGNOSTICS v_locked = ROW_COUNT;
    END IF;
    SELECT array_agg(s.account ORDER BY s.account), array_agg(s.flags ORDER BY s.account),
        array_agg(s.dp ORDER BY s.account), array_agg(s.dd ORDER BY s.account),
        array_agg(s.cp ORDER BY s.account), array_agg(s.cc ORDER BY s.account), sum(s.rows)
    INTO v_accounts, v_flags, v_dp, v_dd, v_cp, v_cc, v_rows
    FROM (
        SELECT u.account, b.*
        FROM (SELECT DISTINCT unnest(v_debits || v_credits) AS account) u, LATERAL (
            SELECT bit_or(b.flags) AS flags, count(*) AS rows,
                sum(b.debits_pending)::bigint AS dp, sum(b.debits_posted)::bigint AS dd,
                sum(b.credits_pending)::bigint AS cp, sum(b.credits_posted)::bigint AS cc
            FROM public.ledger_balance b
            WHERE b.ledger = p_ledger AND b.account = u.account
        ) b
        WHERE u.account IS NOT NULL
    ) s;
    IF p_write AND v_rows <> v_locked THEN
        -- An account was opened or got stripes while this call waited.
        RAISE EXCEPTION 'ledger_execute lost a race' USING ERRCODE = 'KL001';
    END IF;
    v_dp0 := v_dp; v_dd0 := v_dd; v_cp0 := v_cp; v_cc0 := v_cc;
    -- No account (null) has a place behind the last one, where the arrays give null.
    SELECT array_agg(r.place ORDER BY r.n) INTO v_place FROM (
        SELECT u.n, dense_rank() OVER (ORDER BY u.account) AS place
        FROM unnest(v_debits || v_credits) WITH ORDINALITY u (account, n)
    ) r;
    SELECT array_agg(CASE WHEN r.id IS NOT NULL THEN r.number END ORDER BY r.n),
        count(r.id) <> count(DISTINCT r.id), array_fill(NULL::int, ARRAY[max(r.number)::int])
    INTO v_number, v_crossed, v_made
    FROM (
        SELECT u.n, u.id, dense_rank() OVER (ORDER BY u.id) AS number
        FROM unnest(p_ids || coalesce(p_pendings, v_nulls) || coalesce(p_corrections, v_nulls))
            WITH ORDINALITY u (id, n)
    ) r;
    v_resolved := v_made; v_corrected := v_made;
    v_held := array_fill(NULL::bigint, ARRAY[c_legs]);
    v_moved := v_held; v_at := v_held; v_amounts := p_amounts;

    FOR leg IN
        SELECT l.*, l.kind NOT IN ('plain', 'hold') AS resolves,
            x.id AS x_id, x.kind AS x_kind, x.pending_id AS x_pending, x.timeout_at AS x_timeout,
            x.debit AS x_debit, x.credit AS x_credit, x.amount AS x_amount,
            x.reference AS x_reference, x.correction_of AS x_correction, x.code AS x_code,
            h.id AS h_id, h.kind AS h_kind, h.debit AS h_debit, h.credit AS h_credit,
            h.amount AS h_amount, h.timeout_at AS h_timeout, r.kind AS r_kind,
            t.id AS t_id, t.kind AS t_kind, t.debit AS t_debit, t.credit AS t_credit,
            t.amount AS t_amount, CASE WHEN l.correction_of IS NOT NULL THEN (
                SELECT coalesce(sum(o.amount), 0)::bigint FROM public.ledger_transfer o
                WHERE o.ledger = p_ledger AND o.correction_of = l.correction_of
            ) END AS t_corrected,
            (SELECT a.currency FROM public.ledger_account a
             WHERE a.ledger = p_ledger AND a.id = l.debit) AS debit_currency,
            (SELECT a.currency FROM public.ledger_account a
             WHERE a.ledger = p_ledger AND a.id = l.credit) AS credit_currency
        FROM unnest(p_ids, p_debits, p_credits, p_amounts, p_kinds, p_pendings, p_timeouts,
                    p_codes, p_references, p_corrections) WITH ORDINALITY
            AS l (id, debit, credit, amount, kind, pending_id, timeout_at, code, reference,
                  correction_of, n)
        LEFT JOIN public.ledger_transfer x ON x.ledger = p_ledger AND x.id = l.id
        LEFT JOIN public.ledger_transfer h ON h.ledger = p_ledger AND h.id = l.pending_id
        LEFT JOIN public.ledger_transfer r ON r.ledger = p_ledger AND r.pending_id = l.pending_id
        LEFT JOIN public.ledger_transfer t ON t.ledger = p_ledger AND t.id = l.correction_of
        ORDER BY l.n
    LOOP
        n := leg.n;
        IF n = 1 OR p_groups IS NULL OR p_groups[n] <> p_groups[n - 1] THEN
            v_first := n; v_history0 := cardinality(v_history); v_failed := false;
        END IF;
        IF v_crossed THEN
            -- What earlier legs of this call have made of the transfers that this one names.
            x := v_made[v_number[n]];
            IF x IS NOT NULL THEN
                leg.x_id := leg.id; leg.x_kind := p_kinds[x]; leg.x_pending := p_pendings[x];
                leg.x_timeout := p_timeouts[x]; leg.x_debit := v_debits[x];
                leg.x_credit := v_credits[x]; leg.x_amount := v_amounts[x];
                leg.x_reference := p_references[x]; leg.x_correction := p_corrections[x];
                leg.x_code := p_codes[x];
            END IF;
            x := v_made[v_number[c_legs + n]];
            IF x IS NOT NULL THEN
                leg.h_id := leg.pending_id; leg.h_kind := p_kinds[x]; leg.h_debit := v_debits[x];
                leg.h_credit := v_credits[x]; leg.h_amount := v_amounts[x];
                leg.h_timeout := p_timeouts[x];
                v_debits[n] := v_debits[x]; v_credits[n] := v_credits[x];
                v_place[n] := v_place[x]; v_place[c_legs + n] := v_place[c_legs + x];
            END IF;
            leg.r_kind := coalesce(v_resolved[v_number[c_legs + n]], leg.r_kind);
            k := v_number[2 * c_legs + n];
            x := v_made[k];
            IF x IS NOT NULL THEN
                leg.t_id := leg.correction_of; leg.t_kind := p_kinds[x];
                leg.t_debit := v_debits[x]; leg.t_credit := v_credits[x];
                leg.t_amount := v_amounts[x];
            END IF;
            leg.t_corrected := leg.t_corrected + coalesce(v_corrected[k], 0);
        END IF;
        d := v_place[n];
        c := v_place[c_legs + n];
        -- A void and an expiry return the whole hold; 0 says so without knowing the number.
        v_one := CASE WHEN leg.kind IN ('void', 'expire') AND leg.amount = 0
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
                WHEN leg.x_amount <> v_one THEN 'exists_with_different_amount'
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
            WHEN leg.correction_of IS NOT NULL AND leg.kind <> 'plain'
                THEN 'correction_not_allowed'
            WHEN leg.debit = leg.credit THEN 'accounts_must_differ'
            WHEN leg.debit_currency IS NULL AND (leg.debit IS NOT NULL OR NOT leg.resolves)
                THEN 'debit_account_not_found'
            WHEN leg.credit_currency IS NULL AND (leg.credit IS NOT NULL OR NOT leg.resolves)
                THEN 'credit_account_not_found'
            WHEN leg.debit_currency <> leg.credit_currency THEN 'currency_must_match'
            WHEN leg.resolves THEN CASE
                -- without flags when the hold was committed after the accounts were locked
                WHEN leg.h_id IS NULL OR v_flags[d] IS NULL OR v_flags[c] IS NULL
                    THEN 'pending_not_found'
                WHEN leg.h_kind <> 'hold' THEN 'pending_not_a_hold'
                WHEN leg.debit <> leg.h_debit THEN 'pending_has_different_debit'
                WHEN leg.credit <> leg.h_credit THEN 'pending_has_different_credit'
                WHEN v_one > leg.h_amount AND leg.kind = 'post' THEN 'exceeds_pending_amount'
                WHEN v_one <> leg.h_amount AND leg.kind <> 'post'
                    THEN 'pending_has_different_amount'
                WHEN leg.r_kind = 'post' THEN 'pending_already_posted'
                WHEN leg.r_kind = 'void' THEN 'pending_already_voided'
                WHEN leg.r_kind = 'expire' THEN 'pending_already_expired'
                WHEN leg.h_timeout <= p_now AND leg.kind <> 'expire' THEN 'pending_expired'
                WHEN coalesce(leg.h_timeout > p_now, true) AND leg.kind = 'expire'
                    THEN 'pending_not_expired'
                ELSE 'ok' END
            WHEN leg.correction_of IS NOT NULL AND leg.t_id IS NULL THEN 'corrected_not_found'
            WHEN leg.t_kind NOT IN ('plain', 'post') THEN 'corrected_not_a_movement'
            WHEN leg.t_debit <> leg.credit OR leg.t_credit <> leg.debit
                THEN 'corrected_has_different_accounts'
            WHEN leg.t_corrected + v_one > leg.t_amount THEN 'exceeds_corrected_amount'
            -- opened after the locks were taken: as good as not there yet
            WHEN v_flags[d] IS NULL THEN 'debit_account_not_found'
            WHEN v_flags[c] IS NULL THEN 'credit_account_not_found'
            WHEN v_flags[d] & 8 <> 0 THEN 'debit_account_closed'
            WHEN v_flags[c] & 8 <> 0 THEN 'credit_account_closed'
            WHEN v_dp[d] + v_dd[d] + v_one > c_most OR v_cp[c] + v_cc[c] + v_one > c_most
                THEN 'total_too_large'
            WHEN v_flags[d] & 1 <> 0 AND v_dp[d] + v_dd[d] + v_one > v_cc[d]
                THEN 'exceeds_credits'
            WHEN v_flags[c] & 2 <> 0 AND v_cp[c] + v_cc[c] + v_one > v_dd[c]
                THEN 'exceeds_debits'
            ELSE 'ok' END;
        v_results := v_results || v_code;
        IF v_code = 'ok' THEN
            v_accepted := v_accepted + 1;
            v_at[n] := clock_timestamp();
            v_amounts[n] := v_one;
            v_held[n] := CASE leg.kind WHEN 'plain' THEN 0 WHEN 'hold' THEN v_one
                ELSE -leg.h_amount END;
            v_moved[n] := CASE WHEN leg.kind IN ('plain', 'post') THEN v_one ELSE 0 END;
            v_dp[d] := v_dp[d] + v_held[n]; v_dd[d] := v_dd[d] + v_moved[n];
            v_cp[c] := v_cp[c] + v_held[n]; v_cc[c] := v_cc[c] + v_moved[n];
            IF v_crossed THEN
                v_made[v_number[n]] := n;
                IF leg.resolves THEN v_resolved[v_number[c_legs + n]] := leg.kind; END IF;
                IF leg.correction_of IS NOT NULL THEN
                    v_corrected[k] := coalesce(v_corrected[k], 0) + v_one;
                END IF;
            END IF;
            IF (v_flags[d] | v_flags[c]) & 4 <> 0 THEN
                FOREACH x IN ARRAY ARRAY[d, c] LOOP
                    CONTINUE WHEN v_flags[x] & 4 = 0;
                    v_history := v_history || n || x;
                    v_sums := v_sums || v_dp[x] || v_dd[x] || v_cp[x] || v_cc[x];
                END LOOP;
            END IF;
        ELSIF v_code <> 'exists' THEN
            v_failed := true;
        END IF;
        -- The end of a linked group of which a leg was refused: take back what it did.
        IF v_failed AND p_groups IS NOT NULL
            AND (n = c_legs OR p_groups[n] <> p_groups[n + 1])
        THEN
            FOR j IN v_first .. n LOOP
                IF v_at[j] IS NOT NULL THEN
                    d := v_place[j]; c := v_place[c_legs + j];
                    v_dp[d] := v_dp[d] - v_held[j]; v_dd[d] := v_dd[d] - v_moved[j];
                    v_cp[c] := v_cp[c] - v_held[j]; v_cc[c] := v_cc[c] - v_moved[j];
                    IF v_crossed THEN
                        v_made[v_number[j]] := NULL;
                        IF p_kinds[j] NOT IN ('plain', 'hold') THEN
                            v_resolved[v_number[c_legs + j]] := NULL;
                        END IF;
                        k := v_number[2 * c_legs + j];
                        IF k IS NOT NULL THEN
                            v_corrected[k] := v_corrected[k] - v_moved[j];
                        END IF;
                    END IF;
                    v_at[j] := NULL; v_held[j] := NULL; v_moved[j] := NULL;
                    v_accepted := v_accepted - 1;
                END IF;
                IF v_results[j] IN ('ok', 'exists') THEN
                    v_results[j] := 'linked_event_failed';
                END IF;
            END LOOP;
            v_history := v_history[1 : v_history0];
            v_sums := v_sums[1 : v_history0 * 2];
        END IF;
    END LOOP;
    IF v_accepted = 0 OR NOT p_write THEN RETURN v_results; END IF;

    -- In id order, so that two calls with the same ids wait for each other one way only.
    INSERT INTO public.ledger_transfer (ledger, id, debit, credit, amount, kind, pending_id,
        timeout_at, code, reference, correction_of, at, written_at)
    SELECT p_ledger, l.id, l.debit, l.credit, l.amount, l.kind, l.pending_id, l.timeout_at,
        l.code, l.reference, l.correction_of, p_now, l.written_at
    FROM unnest(p_ids, v_debits, v_credits, v_amounts, p_kinds, p_pendings, p_timeouts, p_codes,
                p_references, p_corrections, v_at)
        AS l (id, debit, credit, amount, kind, pending_id, timeout_at, code, reference,
              correction_of, written_at)
    WHERE l.written_at IS NOT NULL
    ORDER BY l.id;

    UPDATE public.ledger_balance b SET
        debits_pending = n.dp, debits_posted = n.dd, credits_pending = n.cp, credits_posted = n.cc
    FROM unnest(v_accounts, v_flags, v_dp, v_dd, v_cp, v_cc, v_dp0, v_dd0, v_cp0, v_cc0)
        AS n (account, flags, dp, dd, cp, cc, dp0, dd0, cp0, cc0)
        -- The rows are locked, so they stay where this finds them, one look by key for each.
        , LATERAL (
            SELECT k.ctid AS place FROM public.ledger_balance k
            WHERE k.ledger = p_ledger AND k.account = n.account AND k.stripe = 0 OFFSET 0
        ) k
    WHERE n.flags & 16 = 0 AND (n.dp, n.dd, n.cp, n.cc) <> (n.dp0, n.dd0, n.cp0, n.cc0)
        AND b.ledger = p_ledger AND b.ctid = k.place;
    v_accounts := ARRAY(
        SELECT n.account FROM unnest(v_accounts, v_flags) n (account, flags) WHERE n.flags & 16 <> 0
    );
    IF cardinality(v_accounts) > 0 THEN
        PERFORM public.ledger_stripes_write(
            p_ledger, p_ids, v_debits, v_credits, p_pendings, v_held, v_moved, v_accounts);
    END IF;
    IF cardinality(v_history) > 0 THEN
        INSERT INTO public.ledger_history (ledger, account, transfer, at, written_at,
            debits_pending, debits_posted, credits_pending, credits_posted)
        SELECT p_ledger, CASE v_history[2 * i] WHEN v_place[v_history[2 * i - 1]]
                THEN v_debits[v_history[2 * i - 1]] ELSE v_credits[v_history[2 * i - 1]] END,
            p_ids[v_history[2 * i - 1]], p_now, v_at[v_history[2 * i - 1]],
            v_sums[4 * i - 3], v_sums[4 * i - 2], v_sums[4 * i - 1], v_sums[4 * i]
        FROM generate_series(1, cardinality(v_history) / 2) i;
    END IF;
    RETURN v_results;
END
$$;
