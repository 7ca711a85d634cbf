-- One transfer of one coin between two random people. The caller makes the id, as the product does.
\set debit random(1, :accounts)
\set credit 1 + (:debit + random(0, :accounts - 2)) % :accounts
SELECT ledger_execute_alone(:ledger::int, uuidv7(), lpad(to_hex(:debit::int), 32, '0')::uuid,
    lpad(to_hex(:credit::int), 32, '0')::uuid, 1, 'plain', NULL, 10, NULL, now());
