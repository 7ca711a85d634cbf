"""News for people: on their page in the caller's transaction, by mail after it."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import tasks
from ..models import Notice, Person


def notice_send(
    *, person: Person, kind: str, key: str, title: str, body: str = "", path: str = ""
) -> Notice:
    """Tell ``person`` something, once per ``key``; the same key again changes nothing.

    ``title`` is one sentence of at most 120 letters and also the mail's subject: it holds what
    the person needs and no address. ``path`` is the page it leads to (``/visits/…``). The mail
    job is written in the caller's transaction, so it goes out when that commits, or never.
    ``person`` must be of the current municipality (elsewhere: ``notice_send_to``).
    """
    notice, created = Notice.objects.get_or_create(
        person=person,
        key=key,
        defaults={
            "kind": kind,
            "title": title[:120],
            "body": body,
            "path": path,
            "at": clock.now(),
        },
    )
    if created and person.user_id is not None:
        tasks.notice_mail.defer(municipality_id=notice.municipality_id, notice_id=notice.pk)
    return notice  # type: ignore[no-any-return]


def notice_send_to(
    *,
    municipality_id: int,
    person_uid: object,
    kind: str,
    key: str,
    title: str,
    body: str = "",
    path: str = "",
) -> Notice:
    """``notice_send`` to a person of any municipality, by uid. Raises ``NotFound``."""
    with tenant(municipality_id):
        person = Person.objects.filter(uid=person_uid).first()
        if person is None:
            raise NotFound()
        return notice_send(person=person, kind=kind, key=key, title=title, body=body, path=path)


def notice_mark_read(*, person: Person, notice_id: int) -> Notice:
    """Returns the notice, read. Raises ``NotFound`` where it is not this person's."""
    notice = Notice.objects.filter(person=person, pk=notice_id).first()
    if notice is None:
        raise NotFound()
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=clock.now())
    notice.refresh_from_db(fields=["read_at"])
    return notice  # type: ignore[no-any-return]


def notices_mark_all_read(*, person: Person) -> int:
    """How many were unread until now."""
    unread = Notice.objects.filter(person=person, read_at=None)
    return int(unread.update(read_at=clock.now()))
