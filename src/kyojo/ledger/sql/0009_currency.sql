-- Accounts that were opened before.
UPDATE ledger_balance b SET currency = a.currency
FROM ledger_account a WHERE a.ledger = b.ledger AND a.id = b.account;
