"""A login's mail address moves, and what names it with it."""

from collections.abc import Callable

from django.db import transaction

from kyojo.civic.people.errors import MailCodeWrong
from kyojo.civic.people.models import Person
from kyojo.help.recognition.services import badges_mail_renew


def mail_moved(act: Callable[[], object], person: Person | None) -> None:
    """Do ``act``, and sign the badges of ``person`` that name the address anew: both or neither.

    Raises what ``act`` raises; the count of a wrong number stays.
    """
    wrong = None
    with transaction.atomic():
        try:
            act()
        except MailCodeWrong as refused:
            wrong = refused
        else:
            if person:
                badges_mail_renew(person=person)
    if wrong is not None:
        raise wrong
