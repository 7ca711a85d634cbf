"""What this room holds about a person: as they see it themselves, and the positions until they are
erased. Of the others of a visit only the name that the person read on its page."""

from typing import Any

from django.db.models import Q

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section
from kyojo.help.requests.domain import category

from .domain import MOMENTS, TROUBLE, Role
from .models import Evidence, Review, Visit
from .selectors import VisitView, visits_for
from .tag_selectors import tags_of
from .warmth_selectors import letters_about, letters_of

ROLES = {Role.CARER: "たのんだ人", Role.SUPPORTER: "来た人", Role.RECIPIENT: "家の人"}


def person_data(person: Person) -> list[Section]:
    """Visits, positions, words about each other, cards and buttons at home, beacons."""
    with tenant(person.municipality_id):
        uids = Visit.objects.filter(_theirs(person))
        views = visits_for(person, list(uids.values_list("uid", flat=True)), own_points=True)
        return [
            section(
                "visits",
                "支援",
                "number 番号, role あなたの役割, category 種類, start はじめ, end おわり, "
                "state 状態, other 相手, place 場所, address 住所, memo メモ, coins コイン, "
                "started 始めた日時, ended 終えた日時, decision 証拠の判定, reasons その理由, "
                "note 来た人のメモ",
                [_visit(view) for view in views],
            ),
            section(
                "positions",
                "支援のときの位置（消す日まで）",
                "visit 番号, at 日時, moment とき, kind 種類, latitude 緯度, longitude 経度, "
                "accuracy_m ずれ（m）, distance_m 家まで（m）",
                [row for view in views if view.role == Role.SUPPORTER for row in _seen(view)],
            ),
            _rulings(views),
            _photos(views),
            _written(person),
            _about(person),
            _tags(person),
            _letters(person),
        ]


def _rulings(views: list[VisitView]) -> Section:
    """What was ruled about held coins, as both sides read it; of objections their own."""
    return section(
        "rulings",
        "お預かりしたコインの決定",
        "visit 番号, at 日時, coins 来た人に渡すコイン, words ことば, objection あなたの異議",
        [
            (
                view.number,
                view.ruling.made_at,
                view.ruling.paid_coins,
                "" if view.ruling.is_absence else view.ruling.words,
                view.ruling.appeal_words if view.ruling.appealed_by_role == view.role else "",
            )
            for view in views
            if view.ruling is not None and view.role != Role.RECIPIENT
        ],
    )


def _photos(views: list[VisitView]) -> Section:
    """Photos that were taken at their visits; the pictures are on the visits' pages."""
    return section(
        "photos",
        "支援のときの写真",
        "visit 番号, at 日時, moment とき, picture 写真",
        [
            (view.number, one.at, MOMENTS[one.moment], "あり" if one.is_there else "消しました")
            for view in views
            for one in view.photos
        ],
    )


def _letters(person: Person) -> Section:
    """Lines that came after visits, to them or about them."""
    lines = {one.uid: one for one in (*letters_of(person), *letters_about(person))}
    return section(
        "letters",
        "家族へのたより",
        "at 日時, by 書いた人, words ことば, picture 写真",
        [
            (one.at, one.by, one.words, "あり" if one.has_picture else "")
            for one in sorted(lines.values(), key=lambda line: line.at)
        ],
    )


def _theirs(person: Person) -> Q:
    return Q(carer=person) | Q(supporter=person) | Q(recipient=person)


def _visit(view: VisitView) -> tuple[Any, ...]:
    other = view.supporter if view.role != Role.SUPPORTER else view.recipient or view.carer
    return (
        view.number,
        ROLES[Role(view.role)],
        view.category.name,
        view.starts_at,
        view.ends_at,
        view.state_label,
        other.get("name", ""),
        view.place_label if view.role == Role.CARER else view.area_name,
        view.address,
        view.memo,
        view.settled_coins if view.settled_coins is not None else view.amount_coins,
        view.started_at,
        view.ended_at,
        view.decision,
        "、".join(text for text, _ in view.reasons),
        view.supporter_note,
    )


def _seen(view: VisitView) -> list[tuple[Any, ...]]:
    return [
        (
            view.number,
            seen.at,
            MOMENTS.get(seen.moment, seen.moment),
            Evidence.Kind(seen.kind).label,
            seen.latitude,
            seen.longitude,
            seen.accuracy_m,
            seen.distance_m,
        )
        for seen in view.seen
    ]


def _written(person: Person) -> Section:
    rows = [
        (one.at, category(one.category).name, one.rating, "、".join(one.tags), one.message)
        for one in Review.objects.filter(writer_uid=person.uid).order_by("at")
    ]
    columns = "at 日時, category 種類, rating 評価, tags よかったこと, message ことば"
    return section("reviews_written", "あなたが書いた評価とお礼", columns, rows)


def _about(person: Person) -> Section:
    """What others said and the person may read: a word about trouble is the office's alone."""
    found = Review.objects.filter(about_uid=person.uid, hidden_at=None).exclude(rating=TROUBLE)
    rows = [
        (
            one.at,
            category(one.category).name,
            # All of it opens later, but a carer's words of thanks are read at once.
            "、".join(one.tags) if _is_open(one) else "",
            one.message if _is_open(one) or one.writer_role == Role.CARER else "",
        )
        for one in found.order_by("at")
        if _is_open(one) or (one.writer_role == Role.CARER and one.message)
    ]
    columns = "at 日時, category 種類, tags よかったこと, message ことば"
    return section("reviews_about", "あなたへの評価とお礼", columns, rows)


def _is_open(review: Review) -> bool:
    return review.reveals_at is None or review.revealed_at is not None


def _tags(person: Person) -> Section:
    rows = [
        (
            one.get_kind_display(),
            one.label,
            one.hardware_id if one.carrier_uid else "",
            one.enrolled_at,
            one.ended_at,
            one.seen_at,
        )
        for one in tags_of(person.uid)
    ]
    columns = (
        "kind 種類, label 置き場所, number ビーコンの番号, at 入れた日, ended 終えた日, "
        "seen さいごに使った日時"
    )
    return section("tags", "お宅のカードとボタン、持ち歩くビーコン", columns, rows)
