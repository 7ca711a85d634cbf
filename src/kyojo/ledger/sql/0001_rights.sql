-- PostgreSQL lets everyone execute a new function. The application's role is given what it needs
-- where the walls are raised; nobody else has any business here.
REVOKE ALL ON FUNCTION
    ledger_account_open(int, uuid, text, int, int, int, timestamptz),
    ledger_account_close(int, uuid),
    ledger_apply(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[], int[],
                 uuid[], uuid[], timestamptz),
    ledger_apply_one(int, uuid, uuid, uuid, bigint, text, timestamptz, int, uuid, timestamptz),
    ledger_execute(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[], int[],
                   uuid[], uuid[], boolean, timestamptz),
    ledger_holds_due(int, timestamptz, int)
FROM PUBLIC;
