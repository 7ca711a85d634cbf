"""What this room holds about a person."""

from collections.abc import Callable

from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section
from kyojo.civic.programmes.rules.wording import USE

from .models import (
    FeePayment,
    Grant,
    Invoice,
    Movement,
    PaidHelp,
    Record,
    Redemption,
    Standing,
)
from .paid_words import activity_name
from .selectors import programmes_now


def person_data(person: Person) -> list[Section]:
    """Standings, activities, what they became, what it was used for, paid help."""
    with tenant(person.municipality_id):
        return [
            _standings(person),
            _records(person),
            _grants(person),
            _redemptions(person),
            _movements(person),
            _paid_help(person),
            _money(person),
        ]


def _standings(person: Person) -> Section:
    rows = [
        (one.since, one.get_insured_display(), one.lives, one.works, one.studies)
        for one in Standing.objects.filter(person=person)
    ]
    columns = "since いつから, insured 保険の区分, lives 住む, works 働く, studies 通う"
    return section("standings", "保険の区分とつながり", columns, rows)


def _records(person: Person) -> Section:
    found = Record.objects.filter(person=person).select_related("programme")
    names = _activities()
    rows = [
        (one.programme.name, names(one), one.host, one.start, one.end, one.void_at) for one in found
    ]
    columns = "programme 制度, activity 活動, host 場所, start はじめ, end おわり, void 取り消し"
    return section("records", "活動の記録", columns, rows)


def _activities() -> Callable[[Record | PaidHelp], str]:
    """What was done, in the words of the programme's rules of today, where they still know it."""
    documents = {one.programme.pk: one.document for one in programmes_now()}

    def name(one: Record | PaidHelp) -> str:
        document = documents.get(one.programme_id)
        return activity_name(document, one.activity) if document else one.activity

    return name


def _grants(person: Person) -> Section:
    found = Grant.objects.filter(person=person).select_related("programme")
    rows = [(one.at, one.programme.name, one.fiscal_year, one.amount) for one in found]
    return section("grants", "ついた分", "at 日時, programme 制度, year 年度, amount 数", rows)


def _redemptions(person: Person) -> Section:
    found = Redemption.objects.filter(person=person).select_related("programme")
    rows = [
        (
            one.asked_at,
            one.programme.name,
            USE.get(one.use, one.use),
            one.detail,
            one.amount,
            one.value_yen,
            one.get_state_display(),
            "あり" if one.payee_encrypted else "なし",
            one.note,
        )
        for one in found
    ]
    columns = (
        "at 日時, programme 制度, use 使い方, detail 内容, amount 数, yen 円, state 状態, "
        "account 口座の控え, note 事務局のメモ"
    )
    return section("redemptions", "使った分・申請", columns, rows)


def _movements(person: Person) -> Section:
    found = Movement.objects.filter(Q(giver=person) | Q(receiver=person))
    rows = [
        (
            one.at,
            one.programme.name,
            one.get_kind_display(),
            "出た" if one.giver_id == person.pk else "入った",
            one.amount,
            one.yen,
        )
        for one in found.select_related("programme").order_by("at")
    ]
    columns = "at 日時, programme 制度, kind 種類, way 向き, amount 数, yen 円"
    return section("movements", "買った分、手渡した分など", columns, rows)


def _paid_help(person: Person) -> Section:
    found = PaidHelp.objects.filter(Q(helper=person) | Q(helped=person)).order_by("start")
    names = _activities()
    rows = [
        (
            one.start,
            one.end,
            "手伝った" if one.helper_id == person.pk else "手伝ってもらった",
            names(one),
            one.payer_yen,
            one.person_yen,
            one.get_state_display(),
        )
        for one in found
    ]
    columns = (
        "start はじめ, end おわり, role 役割, activity 内容, payer_yen はらう人の円, "
        "helper_yen 手伝った人の円, state 状態"
    )
    return section("paid_help", "有償の手伝い", columns, rows)


def _money(person: Person) -> Section:
    rows = [
        (one.issued_on, "請求書", one.number, one.yen, one.paid_on)
        for one in Invoice.objects.filter(person=person)
    ]
    rows += [
        (one.at, one.name, one.reference, one.yen, one.at)
        for one in FeePayment.objects.filter(person=person)
    ]
    columns = "at 日, what 内容, number 番号, yen 円, paid 入金"
    return section("money", "請求書と会費", columns, rows)
