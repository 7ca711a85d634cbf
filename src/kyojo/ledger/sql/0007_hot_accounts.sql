-- Accounts that were opened before accounts had stripes and that a whole town uses: issuers,
-- treasuries, clearing and donation accounts (types.AccountCode) get as many as new ones have.
SELECT ledger_account_stripe(a.ledger, a.id, 32)
FROM ledger_account a
WHERE a.code IN (1, 2, 20, 30) AND a.stripes = 1 AND a.flags & 4 = 0
ORDER BY a.ledger, a.id;
