"""Forgetting a person in this room: what was written with them, cases, groups."""

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import erased_as, towns_all
from kyojo.civic.people.models import Notice, Person, User

from .models import Case, CaseNote, GroupMember, GroupPost, Thread
from .services import threads_erase


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words that do not say whether somebody reported them. Of the
    current municipality."""
    theirs = Case.objects.filter(Q(about__contains=[str(person.uid)]) | Q(opened_by_uid=person.uid))
    return ["事務局で手続き中のこと"] if theirs.exclude(state=Case.State.CLOSED).exists() else []


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person`` in every town: threads they took part in, whole,
    with the news of them; what was said in cases that they opened or that are about them; their
    places and notices in groups. That there was a case stays, of nobody. Again: changes nothing."""
    nobody = str(erased_as(person))
    for code in towns_all():
        with transaction.atomic(), tenant(code):
            _threads_forget(person)
            _cases_forget(person, nobody)
            GroupPost.objects.filter(author=person).delete()
            GroupMember.objects.filter(person=person).delete()


def _threads_forget(person: Person) -> None:
    threads = Thread.objects.filter(people__contains=[{"uid": str(person.uid)}])
    found = dict(threads.values_list("uid", "about_uid"))
    paths = [f"/messages/{about_uid}/" for about_uid in found.values()]
    Notice.objects.filter(kind="message", path__in=paths).delete()
    threads_erase(list(found))


def _cases_forget(person: Person, nobody: str) -> None:
    uid = str(person.uid)
    for case in Case.objects.filter(Q(about__contains=[uid]) | Q(opened_by_uid=person.uid)):
        CaseNote.objects.filter(case=case).update(words_sealed=b"")
        case.about = [nobody if one == uid else one for one in case.about]
        case.words_sealed = b""
        if case.opened_by_uid == person.uid:
            case.opened_by_uid = None
        if case.subject_uid == person.uid:
            case.subject_uid = None
        case.save(update_fields=["about", "words_sealed", "opened_by_uid", "subject_uid"])
