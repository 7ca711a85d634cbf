"""What may be done in the recognition room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of the town that vouches. Only the worker signs.
"""

from .awarding import badge_revoke, badges_award, badges_recount
from .certifying import certificate_revoke, company_certificate_make, student_certificate_make
from .holding import (
    badge_card_set,
    badge_identity_set,
    badge_public_set,
    badges_mail_renew,
)
from .keys import issuer_key, issuer_key_replace
from .signing import sign_due, status_lists_renew

__all__ = [
    "badge_card_set",
    "badge_identity_set",
    "badge_public_set",
    "badge_revoke",
    "badges_award",
    "badges_mail_renew",
    "badges_recount",
    "certificate_revoke",
    "company_certificate_make",
    "issuer_key",
    "issuer_key_replace",
    "sign_due",
    "status_lists_renew",
    "student_certificate_make",
]
