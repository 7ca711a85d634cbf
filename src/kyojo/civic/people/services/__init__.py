"""What may be done in the people room. Each theme has its own file; callers import from here.

Unless it says otherwise, a service works on people of the current municipality, inside
``tenancy.tenant``.
"""

from .abilities import (
    asks_limit_set,
    rest_set,
    skill_set,
    time_exception_add,
    time_exception_remove,
    travel_set,
    weekly_times_set,
)
from .acts import act_record, block_add, block_remove
from .appeal_officers import appeal_officer_add, appeal_officer_end
from .checks import (
    check_confirm,
    check_look,
    check_look_refuse,
    identity_forget,
    identity_seen_once,
    looks_lapse,
    trust_check_record,
    trust_check_withdraw,
    trust_claim_remove,
    trust_claim_set,
)
from .consenting import (
    consent_ensure,
    consent_give,
    consent_take_back,
    consent_text_publish,
)
from .devices import (
    Seen,
    device_look,
    device_record,
    device_remove,
)
from .factors import factor_reset_ask, factor_reset_decide, sessions_end
from .former_mails import mail_is_known
from .identity import (
    identity_asks_purge,
    identity_begin,
    identity_by_app_offered,
    identity_clash_close,
    identity_finish,
)
from .locks import persons_lock
from .logins import (
    login_link_send,
    login_link_url,
    login_link_use,
    user_create,
    user_deactivate,
)
from .mails import (
    mail_change_ask,
    mail_change_confirm,
    mail_change_undo,
    mail_changes_purge,
)
from .members import (
    home_set,
    person_leave,
    person_register,
    person_update,
    role_add,
    role_drop,
)
from .minors import (
    agreement_end,
    agreement_recheck,
    agreement_record,
    contact_set,
    young_carer_say,
    young_carer_unsay,
)
from .notices import (
    News,
    notice_mark_read,
    notice_send,
    notice_send_to,
    notices_about_forget,
    notices_forget,
    notices_mark_all_read,
    notices_send,
)
from .places import Recipient, care_place_add, care_place_remove, care_place_update
from .staff import staff_role_add, staff_role_end
from .suspensions import (
    suspension_answer,
    suspension_appeal,
    suspension_begin,
    suspension_confirm,
    suspension_lift,
    suspensions_end_due,
)
from .tries import tries_locked, tries_purge, try_checked, try_record

__all__ = [
    "News",
    "Recipient",
    "Seen",
    "act_record",
    "agreement_end",
    "agreement_recheck",
    "agreement_record",
    "appeal_officer_add",
    "appeal_officer_end",
    "asks_limit_set",
    "block_add",
    "block_remove",
    "care_place_add",
    "care_place_remove",
    "care_place_update",
    "check_confirm",
    "check_look",
    "check_look_refuse",
    "consent_ensure",
    "consent_give",
    "consent_take_back",
    "consent_text_publish",
    "contact_set",
    "device_look",
    "device_record",
    "device_remove",
    "factor_reset_ask",
    "factor_reset_decide",
    "home_set",
    "identity_asks_purge",
    "identity_begin",
    "identity_by_app_offered",
    "identity_clash_close",
    "identity_finish",
    "identity_forget",
    "identity_seen_once",
    "login_link_send",
    "login_link_url",
    "login_link_use",
    "looks_lapse",
    "mail_change_ask",
    "mail_change_confirm",
    "mail_change_undo",
    "mail_changes_purge",
    "mail_is_known",
    "notice_mark_read",
    "notice_send",
    "notice_send_to",
    "notices_about_forget",
    "notices_forget",
    "notices_mark_all_read",
    "notices_send",
    "person_leave",
    "person_register",
    "person_update",
    "persons_lock",
    "rest_set",
    "role_add",
    "role_drop",
    "sessions_end",
    "skill_set",
    "staff_role_add",
    "staff_role_end",
    "suspension_answer",
    "suspension_appeal",
    "suspension_begin",
    "suspension_confirm",
    "suspension_lift",
    "suspensions_end_due",
    "time_exception_add",
    "time_exception_remove",
    "travel_set",
    "tries_locked",
    "tries_purge",
    "trust_check_record",
    "trust_check_withdraw",
    "trust_claim_remove",
    "trust_claim_set",
    "try_checked",
    "try_record",
    "user_create",
    "user_deactivate",
    "weekly_times_set",
    "young_carer_say",
    "young_carer_unsay",
]
