-- One transfer of one coin out of the hot account, a limited one that every client uses.
\set credit random(1, :accounts)
SELECT ledger_execute(:ledger::int, ARRAY[uuidv7()],
    ARRAY[lpad(to_hex(:hot::bigint), 32, '0')::uuid], ARRAY[lpad(to_hex(:credit::int), 32, '0')::uuid],
    ARRAY[1::bigint], ARRAY['plain'], ARRAY[NULL::uuid], ARRAY[NULL::timestamptz], ARRAY[2],
    ARRAY[NULL::uuid], ARRAY[NULL::uuid], true, now());
