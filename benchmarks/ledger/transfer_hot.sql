-- One transfer of one coin out of the hot account, a limited one that every client uses.
\set credit random(1, :accounts)
SELECT ledger_execute_one(:ledger::int, uuidv7(), lpad(to_hex(:hot::bigint), 32, '0')::uuid,
    lpad(to_hex(:credit::int), 32, '0')::uuid, 1, 'plain', NULL, NULL, 2, NULL, NULL, now());
