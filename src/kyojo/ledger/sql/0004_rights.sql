-- As 0001_rights.sql: a new function may be run by everyone until it is taken back.
REVOKE ALL ON FUNCTION
    ledger_account_open(int, uuid, text, int, int, int, int, timestamptz),
    ledger_account_lock(int, uuid),
    ledger_account_close(int, uuid),
    ledger_account_stripe(int, uuid, int),
    ledger_stripes_write(int, uuid[], uuid[], uuid[], uuid[], bigint[], bigint[], uuid[]),
    ledger_decide(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[], int[],
                  uuid[], uuid[], int[], timestamptz, boolean),
    ledger_execute_exactly(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[],
                           int[], uuid[], uuid[], int[], timestamptz),
    ledger_execute_one(int, uuid, uuid, uuid, bigint, text, uuid, timestamptz, int, uuid, uuid,
                       timestamptz),
    ledger_borrow(int, uuid, int, bigint, bigint),
    ledger_apply_many(int, uuid[], uuid[], uuid[], bigint[], text[], timestamptz[], int[], uuid[],
                      timestamptz),
    ledger_execute(int, uuid[], uuid[], uuid[], bigint[], text[], uuid[], timestamptz[], int[],
                   uuid[], uuid[], int[], timestamptz),
    ledger_correct(int, uuid, uuid, bigint, int, timestamptz)
FROM PUBLIC;
