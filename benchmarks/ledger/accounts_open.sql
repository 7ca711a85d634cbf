-- The people of the benchmark's town, numbered from 1. For psycopg.
SELECT count(ledger_account_open(%(ledger)s, lpad(to_hex(n), 32, '0')::uuid, 'coin', 10, 0, 1, 1, now()))
FROM generate_series(%(first)s::int, %(last)s::int) n
