-- Ten thousand transfers from the issuer in one call. For psycopg: arrays come as text literals.
SELECT ledger_execute(%(ledger)s::int, %(ids)s::uuid[], %(debits)s::uuid[], %(credits)s::uuid[],
    %(amounts)s::bigint[], %(kinds)s::text[], %(nulls)s::text::uuid[],
    %(nulls)s::text::timestamptz[], %(codes)s::int[], %(nulls)s::text::uuid[],
    %(nulls)s::text::uuid[], NULL, now())
