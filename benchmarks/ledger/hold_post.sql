-- A hold between two random people and its post, each committed for itself: two transfers.
\set debit random(1, :accounts)
\set credit 1 + (:debit + random(0, :accounts - 2)) % :accounts
WITH made AS (SELECT uuidv7() AS id)
SELECT id AS hold, ledger_execute_alone(:ledger::int, id, lpad(to_hex(:debit::int), 32, '0')::uuid,
    lpad(to_hex(:credit::int), 32, '0')::uuid, 1, 'hold', now() + interval '1 hour', 10, NULL, now())
FROM made \gset
SELECT ledger_execute_one(:ledger::int, uuidv7(), NULL, NULL, 1, 'post', :hold::uuid, NULL, 10,
    NULL, NULL, now());
