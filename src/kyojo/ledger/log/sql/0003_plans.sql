-- The questions of every second read the newest pages only, whatever the planner knows (or not yet)
-- about the table. Bounds are variables, so that a custom plan sees them as constants: a range of
-- transactions, which the BRIN of ledger_transfer answers.

CREATE OR REPLACE FUNCTION ledger_log_due(p_since bigint) RETURNS SETOF int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
-- Named here, so that what is set below ends with the function.
SET plan_cache_mode = force_custom_plan SET enable_seqscan = on AS $$
DECLARE
    v_until CONSTANT bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint;
BEGIN
    IF p_since IS NULL THEN
        RETURN QUERY SELECT DISTINCT t.ledger FROM public.ledger_transfer t
        WHERE NOT EXISTS (
            SELECT FROM public.ledger_log_entry e WHERE e.ledger = t.ledger AND e.transfer = t.id
        );
    ELSE
        PERFORM set_config('enable_seqscan', 'off', true);
        RETURN QUERY SELECT DISTINCT t.ledger FROM public.ledger_transfer t
        WHERE t.written_xid >= p_since AND t.written_xid < v_until
            AND NOT EXISTS (
                SELECT FROM public.ledger_log_entry e
                WHERE e.ledger = t.ledger AND e.transfer = t.id
            );
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION ledger_log_unlogged(
    p_ledger int, p_since bigint, p_until bigint, p_ids uuid[], p_limit int
) RETURNS TABLE (id uuid, debit uuid, credit uuid, amount bigint, kind varchar, code smallint,
                 pending_id uuid, timeout_at timestamptz, reference uuid, correction_of uuid,
                 at timestamptz, currency varchar)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_custom_plan SET enable_seqscan = on AS $$
BEGIN
    IF p_since IS NOT NULL THEN
        PERFORM set_config('enable_seqscan', 'off', true);
        RETURN QUERY
        SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.code, t.pending_id, t.timeout_at,
            t.reference, t.correction_of, t.at, coalesce(d.currency, '-')
        FROM (
            SELECT n.* FROM public.ledger_transfer n
            -- The sum keeps away from indexes by ledger, which hold the ledger's whole history.
            WHERE n.ledger + 0 = p_ledger
                AND n.written_xid >= p_since AND n.written_xid < p_until
                AND NOT EXISTS (
                    SELECT FROM public.ledger_log_entry e
                    WHERE e.ledger = p_ledger AND e.transfer = n.id
                )
            ORDER BY n.written_at, n.id LIMIT p_limit
        ) t
        LEFT JOIN public.ledger_account d ON d.ledger = p_ledger AND d.id = t.debit
        ORDER BY t.written_at, t.id;
    ELSE
        RETURN QUERY
        SELECT t.id, t.debit, t.credit, t.amount, t.kind, t.code, t.pending_id, t.timeout_at,
            t.reference, t.correction_of, t.at, coalesce(d.currency, '-')
        FROM (
            SELECT n.* FROM public.ledger_transfer n
            WHERE n.ledger = p_ledger AND (p_ids IS NULL OR n.id = ANY (p_ids))
                AND NOT EXISTS (
                    SELECT FROM public.ledger_log_entry e
                    WHERE e.ledger = p_ledger AND e.transfer = n.id
                )
            ORDER BY n.written_at, n.id LIMIT p_limit
        ) t
        LEFT JOIN public.ledger_account d ON d.ledger = p_ledger AND d.id = t.debit
        ORDER BY t.written_at, t.id;
    END IF;
END
$$;
