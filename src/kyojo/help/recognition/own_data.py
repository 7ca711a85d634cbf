"""What this room holds of a person: their badges and certificates."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section

from .selectors import badges_of, certificates_of
from .services.signing import certificate_sums


def person_data(person: Person) -> list[Section]:
    """Both, with the signed credentials. Opens the municipality by itself."""
    with tenant(person.municipality_id):
        badges = [
            (
                one.says.name,
                one.badge.awarded_at,
                one.badge.is_public,
                one.badge.is_on_card,
                one.badge.has_identity,
                one.badge.revoked_at,
                one.badge.revoked_words,
                one.badge.token,
            )
            for one in badges_of(person)
        ]
        papers = [
            (
                one.code,
                one.made_at,
                one.since,
                one.until,
                "、".join(f"{what} {much}" for what, much in certificate_sums(one)),
                one.revoked_at,
                one.revoked_words,
                one.token,
            )
            for one in certificates_of(person)
        ]
    return [
        section(
            "badges",
            "バッジ",
            "name 名前, awarded_at 届いた日時, is_public ページ, is_on_card カード, "
            "has_identity ご本人のしるし, revoked_at 取り消された日時, reason わけ, token 署名",
            badges,
        ),
        section(
            "certificates",
            "証明書",
            "code 番号, made_at 作った日時, since はじめの日, until おわりの日, "
            "figures 証明したこと, revoked_at 取り消された日時, reason わけ, token 署名",
            papers,
        ),
    ]
