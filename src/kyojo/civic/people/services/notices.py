"""News for people: on their page in the caller's transaction, by mail after it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import tasks
from ..models import Notice, Person

#: How many rows one statement of ``notices_send`` writes.
ROWS_AT_ONCE = 2_000
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class News:
    """What one of many people is told: see ``notice_send``."""

    person: Person
    title: str
    body: str = ""
    path: str = ""


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


def notices_send(*, kind: str, key: str, news: Sequence[News]) -> int:
    """``notice_send`` to many people of the current municipality at once, under one ``key``.

    Whoever was told under this key is left out. Returns how many are told now.
    """
    told = set(
        Notice.objects.filter(key=key, person__in={one.person.pk for one in news}).values_list(
            "person_id", flat=True
        )
    )
    rows = {
        one.person.pk: Notice(
            person=one.person,
            kind=kind,
            key=key,
            title=one.title[:120],
            body=one.body,
            path=one.path,
            at=clock.now(),
        )
        for one in sorted(news, key=lambda one: int(one.person.pk))
        if one.person.pk not in told
    }
    # Who is told by somebody else in this moment stays with that notice; its second mail job
    # finds it mailed.
    Notice.objects.bulk_create(rows.values(), ignore_conflicts=True, batch_size=ROWS_AT_ONCE)
    mailed = list(
        Notice.objects.filter(
            key=key, person__in=rows.keys(), person__user__isnull=False
        ).values_list("pk", flat=True)
    )
    for start in range(0, len(mailed), ROWS_AT_ONCE):
        tasks.notice_mail.batch_defer(
            *(
                {"municipality_id": current(), "notice_id": notice_id}
                for notice_id in mailed[start : start + ROWS_AT_ONCE]
            )
        )
    return len(rows)


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


def notices_forget(*, keys: Collection[str]) -> int:
    """Delete what was told under these keys in the current municipality, read or not: it names
    somebody who is forgotten. Returns how many there were."""
    deleted, _ = Notice.objects.filter(key__in=keys).delete()
    return int(deleted)


def notices_about_forget(*, person_ids: Collection[int], ids: Collection[UUID]) -> int:
    """Delete what these people of the current municipality were told about the things with these
    ids (a visit, a request, a member): it names somebody who is forgotten. Returns how many."""
    wanted = {str(one) for one in ids}
    told = Notice.objects.filter(person_id__in=list(person_ids)).values_list("pk", "key", "path")
    about = [pk for pk, *words in told if wanted & {m for w in words for m in UUIDS.findall(w)}]
    deleted, _ = Notice.objects.filter(pk__in=about).delete()
    return int(deleted)
