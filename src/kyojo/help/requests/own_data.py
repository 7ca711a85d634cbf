"""What this room holds about a person."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section

from .domain import category
from .models import Bundle, HelpRequest, Series
from .repeating import rhythm_spoken


def person_data(person: Person) -> list[Section]:
    """What they asked for, and what was asked for them."""
    with tenant(person.municipality_id):
        own = HelpRequest.objects.filter(carer=person).order_by("created_at")
        requests = [
            (
                one.number,
                category(one.category).name,
                one.starts_at,
                one.ends_at,
                one.get_state_display(),
                one.price_coins,
                one.place_label,
                one.address,
                one.recipient_name,
                one.visitor_note,
                one.memo,
                one.created_at,
            )
            for one in own
        ]
        for_them = HelpRequest.objects.filter(recipient_uid=person.uid).exclude(carer=person)
        asked_for = [
            (
                one.number,
                category(one.category).name,
                one.starts_at,
                one.get_state_display(),
                one.recipient_name,
            )
            for one in for_them.order_by("created_at")
        ]
        series = [
            (
                category(one.category).name,
                rhythm_spoken(one.rule),
                one.starts_on,
                one.memo,
                one.supporter_name,
                one.ended_at,
            )
            for one in Series.objects.filter(carer=person)
        ]
        bundles = [(one.title, one.created_at) for one in Bundle.objects.filter(carer=person)]
    return [
        section(
            "requests",
            "依頼",
            "number 番号, category 種類, start はじめ, end おわり, state 状態, coins コイン, "
            "place 場所, address 住所, recipient いる方, note 来る人に伝えること, "
            "memo メモ, at 入れた日",
            requests,
        ),
        section(
            "requests_for_you",
            "あなたのための依頼（ご家族が入れたもの）",
            "number 番号, category 種類, start はじめ, state 状態, name お名前",
            asked_for,
        ),
        section(
            "series",
            "くり返しの依頼",
            "category 種類, rule きまり, start はじめの日, memo メモ, "
            "supporter いつも来る人, ended 終えた日",
            series,
        ),
        section("bundles", "まとめた依頼", "title 題, at 日", bundles),
    ]
