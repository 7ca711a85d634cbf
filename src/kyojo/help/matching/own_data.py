"""What this room holds about a person."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section
from kyojo.civic.people.selectors import skills_of
from kyojo.help.requests.domain import category

from .models import Offer, ProjectMember, SupporterRating, SupporterTally


def person_data(person: Person) -> list[Section]:
    """What they can do, were asked and answered, what they did so far, how it was found, their
    teams."""
    with tenant(person.municipality_id):
        offers = [
            (
                category(one.category).name,
                one.starts_at,
                one.area_name,
                one.get_state_display(),
                one.asked_at,
                one.answered_at,
                round(one.score, 3),
                "、".join(one.card.get("reasons", [])),
            )
            for one in Offer.objects.filter(supporter=person).order_by("asked_at")
        ]
        tallies = [
            (category(one.category).name, one.visits_count, one.minutes)
            for one in SupporterTally.objects.filter(person=person)
        ]
        ratings = [
            (one.rating_count, one.rating_sum)
            for one in SupporterRating.objects.filter(person=person)
        ]
        teams = [
            (one.project.title, one.get_state_display(), one.asked_at, one.answered_at)
            for one in ProjectMember.objects.filter(person=person).select_related("project")
        ]
        skills = [(category(one.category).name, one.note) for one in skills_of(person)]
    return [
        section("skills", "できること", "category 種類, note メモ", skills),
        section(
            "offers",
            "お願いと、あなたの返事",
            "category 種類, start はじめ, area 地区, state 返事, asked 聞かれた日時, "
            "answered 答えた日時, score 並べるための数, reasons その理由",
            offers,
        ),
        section("tallies", "これまでの支援の数", "category 種類, visits 回数, minutes 分", tallies),
        section("ratings", "評価の合計", "count 件数, sum 合計", ratings),
        section(
            "teams", "チーム", "title 活動, state 返事, asked 聞かれた日, answered 答えた日", teams
        ),
    ]
