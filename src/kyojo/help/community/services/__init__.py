"""What may be done in the community room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of whoever acts and take care of the other towns.
"""

from .cases import (
    case_close,
    case_note_add,
    case_open,
    case_read,
    case_reopen,
    case_step_note,
    case_take,
    case_wait,
    staff_left,
)
from .groups import (
    group_close,
    group_found,
    group_invite,
    group_join,
    group_lead,
    group_leave,
    post_remove,
    post_write,
)
from .messages import (
    message_send,
    message_send_for,
    message_send_office,
    thread_read,
    threads_erase,
    threads_purge,
)
from .reports import report_send

__all__ = [
    "case_close",
    "case_note_add",
    "case_open",
    "case_read",
    "case_reopen",
    "case_step_note",
    "case_take",
    "case_wait",
    "group_close",
    "group_found",
    "group_invite",
    "group_join",
    "group_lead",
    "group_leave",
    "message_send",
    "message_send_for",
    "message_send_office",
    "post_remove",
    "post_write",
    "report_send",
    "staff_left",
    "thread_read",
    "threads_erase",
    "threads_purge",
]
