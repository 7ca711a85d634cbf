"""操作の記録 and 制度のきまり: pages that are only read."""

import contextlib
from collections import defaultdict
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Act, Person
from kyojo.civic.people.selectors import acts
from kyojo.civic.programmes.selectors import programme_current, version_current
from kyojo.help.requests.domain import CATEGORIES
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.wording import duration

from . import files
from .access import DeskRequest, page, staff
from .listing import Column, Listing, filter_of
from .words import ACTIONS, BASES, CHECKS, LISTS, SUBJECTS, USES, note_words

SHOWN, PER_PAGE = 2000, 100


@staff()
def acts_listed(request: DeskRequest) -> HttpResponse:
    """Who did what, when, and on what basis."""
    chosen = filter_of(request, "action", "したこと", sorted(ACTIONS.items()))
    found = acts(action=chosen.value, limit=SHOWN)
    names = staff_selectors.names_of({act.actor_id for act in found if act.actor_id})
    subjects = _subjects(found)
    columns = (
        Column("at", "日時", lambda act: act.at, sortable=True, order=("古い順", "新しい順")),
        Column("action", "したこと", lambda act: ACTIONS.get(act.action, act.action)),
        Column("actor", "した人", lambda act: _actor(act, names)),
        Column("subject", "相手・もの", lambda act: subjects.get(act.pk, "")),
        Column("basis", "もとにしたもの", lambda act: BASES.get(act.basis, act.basis)),
        Column("note", "メモ", lambda act: note_words(act.note)),
    )
    listing = Listing(request.GET, columns, found, "-at", path=reverse("desk-acts"))
    taken = files.file_of(request, listing, name="acts", title="操作の記録", here="acts")
    if taken is not None:
        return taken
    shown = listing.page(PER_PAGE)
    return page(
        request,
        "acts.html",
        "acts",
        {
            **shown,
            "filters": [chosen],
            "rows": [[column.value(act) for column in columns] for act in shown["rows"]],
        },
    )


def _subjects(found: list[Act]) -> dict[int, str]:
    """Each act's subject under the number that the desk knows it by; never under a name."""
    ids: dict[str, set[UUID]] = defaultdict(set)
    for act in found:
        with contextlib.suppress(ValueError):
            ids[act.subject_kind].add(UUID(act.subject_id))
    numbers: dict[str, str] = {}
    for model, kind in ((Person, "person"), (HelpRequest, "request"), (Visit, "visit")):
        rows = model._default_manager.filter(uid__in=ids[kind]).values_list("uid", "number")
        numbers |= {str(uid): number for uid, number in rows}
    return {
        act.pk: " ".join(
            (
                SUBJECTS.get(act.subject_kind, act.subject_kind),
                LISTS.get(act.subject_id, "") or numbers.get(act.subject_id, ""),
            )
        ).strip()
        for act in found
    }


#: Who acts where no login of this desk does, by action or by what it is about.
NOBODY = {
    "staff_role_add": "システムの運用者",
    "staff_role_end": "システムの運用者",
    "clearing": "相手の自治体",
}


def _actor(act: Act, names: dict[int, str]) -> str:
    if act.actor_id is None:
        return NOBODY.get(act.action) or NOBODY.get(act.subject_kind, "自動")
    return names.get(act.actor_id, "会員")


@staff()
def rules(request: DeskRequest) -> HttpResponse:
    """The programme as it holds today."""
    programme, rules = programme_current()
    year = clock.fiscal_year()
    names = {category.code: category for category in CATEGORIES}
    kinds = [
        {
            "name": names[rule.code].name if rule.code in names else rule.code,
            "trust": "・".join(CHECKS[kind] for kind in CHECKS if kind in rule.trust)
            + (f"（{rule.training}）" if rule.training else ""),
            "lengths": "、".join(duration(minutes) for minutes in rules.lengths(rule.code)),
            "hours": f"{rule.limits.earliest_hour}時〜{rule.limits.latest_hour}時"
            if rule.limits.earliest_hour is not None and rule.limits.latest_hour is not None
            else "",
            "note": rule.limits.note,
            "sort": names[rule.code].sort if rule.code in names else 99,
        }
        for rule in rules.categories
    ]
    return page(
        request,
        "rules.html",
        "rules",
        {
            "programme": programme,
            "rules": rules,
            "version": version_current(),
            "year": year,
            "distributed_until": rules.expires_on(rules.vintage_distributed(year)),
            "earned_until": rules.expires_on(rules.vintage_earned(year)),
            "uses": "・".join(name for code, name in USES.items() if code in rules.uses),
            "kinds": sorted(kinds, key=lambda kind: kind["sort"]),
        },
    )
