-- pgledger: one transfer of one unit between two random accounts, whose ids the benchmark numbered.
\set debit random(1, :accounts)
\set credit 1 + (:debit + random(0, :accounts - 2)) % :accounts
SELECT id FROM pgledger_create_transfer(
    'pgla_' || lpad(:debit::text, 26, '0'), 'pgla_' || lpad(:credit::text, 26, '0'), 1);
