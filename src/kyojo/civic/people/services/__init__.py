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
from .acts import act_record, block_add, block_remove, staff_role_add, trust_check_record
from .locks import persons_lock
from .logins import (
    login_link_send,
    login_link_url,
    login_link_use,
    user_create,
    user_deactivate,
)
from .members import (
    home_set,
    person_leave,
    person_register,
    person_update,
    role_add,
    role_drop,
)
from .notices import (
    News,
    notice_mark_read,
    notice_send,
    notice_send_to,
    notices_forget,
    notices_mark_all_read,
    notices_send,
)
from .places import Recipient, care_place_add, care_place_remove, care_place_update

__all__ = [
    "News",
    "Recipient",
    "act_record",
    "asks_limit_set",
    "block_add",
    "block_remove",
    "care_place_add",
    "care_place_remove",
    "care_place_update",
    "home_set",
    "login_link_send",
    "login_link_url",
    "login_link_use",
    "notice_mark_read",
    "notice_send",
    "notice_send_to",
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
    "skill_set",
    "staff_role_add",
    "time_exception_add",
    "time_exception_remove",
    "travel_set",
    "trust_check_record",
    "user_create",
    "user_deactivate",
    "weekly_times_set",
]
