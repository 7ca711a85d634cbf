-- One transfer of one coin between two random people. The caller makes the id, as the product does.
\set debit random(1, :accounts)
\set credit 1 + (:debit + random(0, :accounts - 2)) % :accounts
SELECT ledger_execute(:ledger::int, ARRAY[uuidv7()],
    ARRAY[lpad(to_hex(:debit::int), 32, '0')::uuid], ARRAY[lpad(to_hex(:credit::int), 32, '0')::uuid],
    ARRAY[1::bigint], ARRAY['plain'], ARRAY[NULL::uuid], ARRAY[NULL::timestamptz], ARRAY[10],
    ARRAY[NULL::uuid], ARRAY[NULL::uuid], true, now());
