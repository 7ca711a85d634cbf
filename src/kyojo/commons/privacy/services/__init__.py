"""What may be done in the privacy room, inside ``tenancy.tenant``. Callers import from here."""

from .consents import consent_withdraw
from .erasures import (
    erasure_approve,
    erasure_ask,
    erasure_propose,
    erasure_run,
    erasure_withdraw,
    erasures_run_due,
)

__all__ = [
    "consent_withdraw",
    "erasure_approve",
    "erasure_ask",
    "erasure_propose",
    "erasure_run",
    "erasure_withdraw",
    "erasures_run_due",
]
