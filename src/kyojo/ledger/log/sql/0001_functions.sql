-- The only ways into the log's tables. docs/reference/log.md, "The sequencer", has the rule.

-- Ledgers with a committed transfer that is not in their log. p_since: a transaction below which
-- everything was seen; null compares everything. Transactions from xmax on belong to another
-- server, from which the rows were restored: only the full comparison can tell about them.
CREATE FUNCTION ledger_log_due(p_since bigint) RETURNS SETOF int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF p_since IS NULL THEN
        RETURN QUERY SELECT DISTINCT t.ledger FROM public.ledger_transfer t
        WHERE NOT EXISTS (
            SELECT FROM public.ledger_log_entry e WHERE e.ledger = t.ledger AND e.transfer = t.id
        );
    ELSE
        RETURN QUERY SELECT DISTINCT t.ledger FROM public.ledger_transfer t
        WHERE t.written_xid >= p_since
            AND t.written_xid < (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint)
            AND NOT EXISTS (
                SELECT FROM public.ledger_log_entry e
                WHERE e.ledger = t.ledger AND e.transfer = t.id
            );
    END IF;
END
$$;

-- Every log: how long it is, and the newest checkpoint that is published (0: none yet).
CREATE FUNCTION ledger_log_heads()
RETURNS TABLE (ledger int, size bigint, published bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.ledger, h.size, coalesce((
        SELECT c.size FROM public.ledger_log_checkpoint c
        WHERE c.ledger = h.ledger AND c.published_at IS NOT NULL ORDER BY c.size DESC LIMIT 1
    ), 0)
    FROM public.ledger_log_head h WHERE h.size > 0 ORDER BY h.ledger
$$;

-- Begins the log of a ledger; true if this call did.
CREATE FUNCTION ledger_log_open(
    p_ledger int, p_origin text, p_key text, p_root bytea, p_now timestamptz
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO public.ledger_log_head (ledger, origin, key, size, root, horizon, opened_at)
    VALUES (p_ledger, p_origin, p_key, 0, p_root, 0, p_now)
    ON CONFLICT (ledger) DO NOTHING;
    RETURN FOUND;
END
$$;

-- Takes the log for this transaction and says where it stands; no row: somebody else has it.
-- xmin and xmax are of a moment before the transfers are read, so whatever is below xmin then
-- is visible to that reading or was rolled back.
CREATE FUNCTION ledger_log_take(p_ledger int)
RETURNS TABLE (origin text, key text, size bigint, root bytea, horizon bigint, xmin bigint,
               xmax bigint)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT h.origin, h.key, h.size, h.root, h.horizon,
        pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
        pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    FROM public.ledger_log_head h WHERE h.ledger = p_ledger
    FOR UPDATE SKIP LOCKED
$$;

-- Transfers of the ledger that are not logged, in the order they were written: those of
-- transactions from p_since on (null: all), or those with these ids, at most p_limit.
CREATE FUNCTION ledger_log_unlogged(
    p_ledger int, p_since bigint, p_until bigint, p_ids uuid[], p_limit int
) RETURNS TABLE (id uuid, debit uuid, credit uuid, amount bigint, kind varchar, code smallint,
                 pending_id uuid, timeout_at timestamptz, reference uuid, correction_of uuid,
                 at timestamptz, currency varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY
    SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.code, t.pending_id, t.timeout_at,
        t.reference, t.correction_of, t.at, coalesce(d.currency, '-')
    FROM (
        SELECT n.* FROM public.ledger_transfer n
        WHERE n.ledger = p_ledger
            AND (p_ids IS NULL OR n.id = ANY (p_ids))
            AND (p_since IS NULL OR n.written_xid >= p_since AND n.written_xid < p_until)
            AND NOT EXISTS (
                SELECT FROM public.ledger_log_entry e
                WHERE e.ledger = p_ledger AND e.transfer = n.id
            )
        ORDER BY n.written_at, n.id LIMIT p_limit
    ) t
    LEFT JOIN public.ledger_account d ON d.ledger = p_ledger AND d.id = t.debit
    ORDER BY t.written_at, t.id;
END
$$;

-- Keys for accounts that have none and were not forgotten.
CREATE FUNCTION ledger_log_keys_make(
    p_ledger int, p_accounts uuid[], p_keys bytea[], p_now timestamptz
) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.ledger_log_key (ledger, account, key, made_at)
    SELECT p_ledger, n.account, n.key, p_now FROM unnest(p_accounts, p_keys) n (account, key)
    ORDER BY n.account
    ON CONFLICT (ledger, account) DO NOTHING
$$;

-- Appends leaves, tiles and the signed checkpoint, and moves the head. The caller has taken the log
-- in this transaction; a head that is elsewhere than it says, a transfer that does not exist or is
-- logged, or a number that would leave a gap ends the transaction.
CREATE FUNCTION ledger_log_append(
    p_ledger int, p_old_size bigint, p_transfers uuid[], p_leaves text[],
    p_levels int[], p_indexes bigint[], p_hashes bytea[],
    p_root bytea, p_note text, p_now timestamptz, p_published_at timestamptz
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_count CONSTANT int := cardinality(p_transfers);
    v_written int;
BEGIN
    IF cardinality(p_leaves) <> v_count OR v_count = 0 THEN
        RAISE EXCEPTION 'ledger_log_append: % transfers, % leaves', v_count, cardinality(p_leaves);
    END IF;
    UPDATE public.ledger_log_head h SET size = p_old_size + v_count, root = p_root
    WHERE h.ledger = p_ledger AND h.size = p_old_size;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'ledger_log_append: the log of % is not at %', p_ledger, p_old_size;
    END IF;
    INSERT INTO public.ledger_log_entry (ledger, number, transfer, leaf)
    SELECT p_ledger, p_old_size + n.place - 1, n.transfer, n.leaf
    FROM unnest(p_transfers, p_leaves) WITH ORDINALITY n (transfer, leaf, place)
    JOIN public.ledger_transfer t ON t.ledger = p_ledger AND t.id = n.transfer;
    GET DIAGNOSTICS v_written = ROW_COUNT;
    IF v_written <> v_count THEN
        RAISE EXCEPTION 'ledger_log_append: % of % are transfers of %', v_written, v_count,
            p_ledger;
    END IF;
    INSERT INTO public.ledger_log_tile AS old (ledger, level, index, hashes)
    SELECT p_ledger, n.level, n.index, n.hashes
    FROM unnest(p_levels, p_indexes, p_hashes) n (level, index, hashes)
    ON CONFLICT (ledger, level, index) DO UPDATE SET hashes = excluded.hashes;
    INSERT INTO public.ledger_log_checkpoint (ledger, size, root, note, cosigned, made_at,
        published_at)
    VALUES (p_ledger, p_old_size + v_count, p_root, p_note, p_note, p_now, p_published_at);
END
$$;

-- Everything below p_horizon is logged now. The caller has taken the log in this transaction.
CREATE FUNCTION ledger_log_horizon(p_ledger int, p_horizon bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.ledger_log_head h SET horizon = p_horizon
    WHERE h.ledger = p_ledger AND h.horizon <> p_horizon
$$;

-- Stores cosignatures (p_after) beside those that were there (p_before), and when the quorum was
-- met; false: others came meanwhile, read again.
CREATE FUNCTION ledger_log_cosign(
    p_ledger int, p_size bigint, p_before text, p_after text, p_published_at timestamptz
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.ledger_log_checkpoint c
    SET cosigned = p_after, published_at = coalesce(c.published_at, p_published_at)
    WHERE c.ledger = p_ledger AND c.size = p_size AND c.cosigned = p_before
        AND starts_with(p_after, c.note);
    RETURN FOUND;
END
$$;

-- Erases an account's key and leaves its place empty for ever; true if there was one to erase.
-- Takes the log first: so it waits for a round, and no round waits for it.
CREATE FUNCTION ledger_log_forget(p_ledger int, p_account uuid, p_now timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_had boolean;
BEGIN
    PERFORM FROM public.ledger_log_head h WHERE h.ledger = p_ledger FOR UPDATE;
    SELECT k.key IS NOT NULL INTO v_had FROM public.ledger_log_key k
    WHERE k.ledger = p_ledger AND k.account = p_account;
    INSERT INTO public.ledger_log_key (ledger, account, key, made_at, forgotten_at)
    VALUES (p_ledger, p_account, NULL, p_now, p_now)
    ON CONFLICT (ledger, account) DO UPDATE SET key = NULL,
        forgotten_at = coalesce(ledger_log_key.forgotten_at, excluded.forgotten_at);
    RETURN coalesce(v_had, false);
END
$$;

-- PostgreSQL lets everyone execute a new function; the walls give the application what it needs.
REVOKE ALL ON FUNCTION
    ledger_log_refuse_change(),
    ledger_log_due(bigint),
    ledger_log_heads(),
    ledger_log_open(int, text, text, bytea, timestamptz),
    ledger_log_take(int),
    ledger_log_unlogged(int, bigint, bigint, uuid[], int),
    ledger_log_keys_make(int, uuid[], bytea[], timestamptz),
    ledger_log_append(int, bigint, uuid[], text[], int[], bigint[], bytea[], bytea, text,
                      timestamptz, timestamptz),
    ledger_log_horizon(int, bigint),
    ledger_log_cosign(int, bigint, text, text, timestamptz),
    ledger_log_forget(int, uuid, timestamptz)
FROM PUBLIC;
