-- A hold between two random people and its post, each committed for itself: two transfers.
\set debit random(1, :accounts)
\set credit 1 + (:debit + random(0, :accounts - 2)) % :accounts
WITH made AS (SELECT uuidv7() AS id)
SELECT made.id AS hold, ledger_execute(:ledger::int, ARRAY[made.id],
    ARRAY[lpad(to_hex(:debit::int), 32, '0')::uuid], ARRAY[lpad(to_hex(:credit::int), 32, '0')::uuid],
    ARRAY[1::bigint], ARRAY['hold'], ARRAY[NULL::uuid], ARRAY[now() + interval '1 hour'], ARRAY[10],
    ARRAY[NULL::uuid], ARRAY[NULL::uuid], true, now()) FROM made \gset
SELECT ledger_execute(:ledger::int, ARRAY[uuidv7()],
    ARRAY[NULL::uuid], ARRAY[NULL::uuid],
    ARRAY[1::bigint], ARRAY['post'], ARRAY[:hold::uuid], ARRAY[NULL::timestamptz], ARRAY[10],
    ARRAY[NULL::uuid], ARRAY[NULL::uuid], true, now());
