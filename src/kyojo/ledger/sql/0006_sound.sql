-- What a row of the two hot tables may be, as a function each. PostgreSQL reads the text of a CHECK
-- anew for every statement, and half of a transfer's time went there: a call is a short text.

CREATE FUNCTION ledger_balance_sound(
    flags smallint, debits_pending bigint, debits_posted bigint, credits_pending bigint,
    credits_posted bigint
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN least(debits_pending, debits_posted, credits_pending, credits_posted) >= 0
        AND (flags & 1 = 0 OR debits_pending + debits_posted <= credits_posted)
        AND (flags & 2 = 0 OR credits_pending + credits_posted <= debits_posted);
END
$$;

CREATE FUNCTION ledger_transfer_sound(
    kind varchar, amount bigint, debit uuid, credit uuid, pending_id uuid, timeout_at timestamptz,
    correction_of uuid
) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN amount BETWEEN 1 AND 9007199254740992  -- types.AMOUNT_MAX
        AND debit <> credit
        AND CASE kind
            WHEN 'plain' THEN pending_id IS NULL AND timeout_at IS NULL
            WHEN 'hold' THEN pending_id IS NULL AND correction_of IS NULL
            ELSE kind IN ('post', 'void', 'expire') AND pending_id IS NOT NULL
                AND timeout_at IS NULL AND correction_of IS NULL END;
END
$$;

REVOKE ALL ON FUNCTION
    ledger_balance_sound(smallint, bigint, bigint, bigint, bigint),
    ledger_transfer_sound(varchar, bigint, uuid, uuid, uuid, timestamptz, uuid)
FROM PUBLIC;

-- The last wall behind the conditional writes: no path, present or future, can overdraw.
ALTER TABLE ledger_balance DROP CONSTRAINT ledger_balance_within_limits;
