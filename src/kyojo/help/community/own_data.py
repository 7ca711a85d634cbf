"""What this room holds about a person, of what they may know: what they wrote and reported, and
their groups. That somebody reported them is not theirs to read."""

from kyojo.civic.municipalities.sealing import unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section

from .domain import REASONS
from .models import GroupMember, GroupPost, Message
from .selectors import reports_by, words_of


def person_data(person: Person) -> list[Section]:
    """Messages, reports, groups and notices of theirs."""
    with tenant(person.municipality_id):
        messages = [
            (one.at, unseal(one.sealed), one.basis)
            for one in Message.objects.filter(author_uid=person.uid)
        ]
        reports = [
            (
                one.number,
                one.opened_at,
                "、".join(REASONS[code].name for code in one.reasons if code in REASONS),
                words_of(one),
                one.get_state_display(),
            )
            for one in reports_by(person)
        ]
        groups = [
            (one.group.name, "世話役" if one.is_leader else "", one.joined_at)
            for one in GroupMember.objects.select_related("group").filter(person=person)
        ]
        posts = [
            (one.group.name, one.at, unseal(one.sealed))
            for one in GroupPost.objects.select_related("group").filter(author=person)
        ]
    return [
        section(
            "messages",
            "あなたが書いたメッセージ",
            "at 日時, words ことば, basis センターが代わりに書いたとき",
            messages,
        ),
        section(
            "reports",
            "お知らせいただいたこと",
            "number 番号, at 日時, reasons 何があったか, words くわしいこと, state 状態",
            reports,
        ),
        section("groups", "グループ", "name 名前, role 役, at 入った日", groups),
        section(
            "group_posts", "グループに書いたお知らせ", "group グループ, at 日, words ことば", posts
        ),
    ]
