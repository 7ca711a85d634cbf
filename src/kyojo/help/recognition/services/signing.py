"""The worker's part: it signs what was given, and the lists of what was taken back."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from joserfc.jwk import RSAKey

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.help.requests.domain import category
from kyojo.kernel import clock

from .. import credentials
from ..credentials import Document, Issuer, Result
from ..domain import achievement, minutes_spoken
from ..models import Badge, Certificate, IssuerKey, Standing, StatusList
from .keys import issuer, issuer_key

#: How long a status list may be believed, and how long before that it is made anew.
LIST_LIVES = timedelta(days=7)
LIST_AHEAD = timedelta(days=3)
#: So many are signed in one transaction; the next round takes the others.
AT_ONCE = 500
#: What an achievement of certificates is called in addresses.
CERTIFICATE_CODES = {"student": "certificate-student", "company": "certificate-company"}


def sign_due() -> int:
    """Sign what waits in the current town, and renew its status lists. Returns how many badges and
    certificates were signed. Safe to repeat, and by several workers at once."""
    signed = 0
    with transaction.atomic():
        badges = list(
            Badge.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("person__user")
            .filter(token="", revoked_at=None)[:AT_ONCE]
        )
        papers = list(
            Certificate.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("company")
            .filter(token="", revoked_at=None)[:AT_ONCE]
        )
        if badges or papers:
            row, key = issuer_key()
            who = issuer()
            town = Municipality.objects.values_list("name", flat=True).get(pk=current())
            for badge in badges:
                _sign(badge, _badge_document(badge, who, town), who, row, key)
            for paper in papers:
                _sign(paper, _certificate_document(paper, who, town), who, row, key)
            signed = len(badges) + len(papers)
    status_lists_renew()
    return signed


def _sign(
    one: Badge | Certificate, document: Document, who: Issuer, row: IssuerKey, key: RSAKey
) -> None:
    one.token = credentials.signed(document, key=key, key_url=who.key_url(row.kid))
    one.signed_at = clock.now()
    one.save(update_fields=["token", "signed_at"])


def badge_url(badge: Badge) -> str:
    """The badge's page, which is also the credential's id."""
    return f"{settings.BASE_URL}/badges/{badge.uid}/"


def certificate_url(paper: Certificate) -> str:
    return f"{settings.BASE_URL}/certificates/{paper.code}/"


def _badge_document(badge: Badge, who: Issuer, town: str) -> Document:
    said = achievement(badge.achievement, town=town, label=badge.label)
    assert said is not None
    standing = Standing.objects.get(uid=badge.uid)
    user = badge.person.user
    identity = None
    if badge.has_identity and user is not None:
        identity = credentials.identity_of(user.email, badge.salt)
    is_course = said.kind.of == "training"
    url = badge_url(badge)
    return credentials.credential_document(
        issuer=who,
        url=url,
        name=said.name,
        subject_id=badge.subject_uid.urn,
        achievement=credentials.achievement_document(
            issuer=who,
            code=said.code,
            name=said.name,
            description=said.description,
            criteria=said.criteria,
            kind="CertificateOfCompletion" if is_course else "CommunityService",
        ),
        valid_from=badge.awarded_at,
        status=(standing.list_number, standing.list_index),
        refresh_url=f"{url}credential.jwt",
        identity=identity,
    )


def _certificate_document(paper: Certificate, who: Issuer, town: str) -> Document:
    standing = Standing.objects.get(uid=paper.uid)
    results = certificate_results(paper)
    url = certificate_url(paper)
    is_company = paper.kind == Certificate.Kind.COMPANY
    name = str(Certificate.Kind(paper.kind).label)
    company = paper.company
    subject = f"{settings.BASE_URL}/company/{company.slug}/" if company else paper.subject_uid.urn
    return credentials.credential_document(
        issuer=who,
        url=url,
        name=name,
        subject_id=subject,
        achievement=credentials.achievement_document(
            issuer=who,
            code=CERTIFICATE_CODES[paper.kind],
            name=name,
            description=f"{town}の共助で、期間の中に行われ、確かめられた手伝いの合計です。",
            criteria="来たことが確かめられ、お礼のコインがわたった手伝いだけを数えています。"
            + ("人数が少ない数字は、公開していません。" if is_company else ""),
            image=False,
            results=results,
        ),
        valid_from=paper.made_at,
        status=(standing.list_number, standing.list_index),
        refresh_url=f"{url}credential.jwt",
        since=clock.at(paper.since, 0),
        until=clock.at(paper.until, 23, 59),
        results=results,
    )


def certificate_results(paper: Certificate) -> list[Result]:
    """What a certificate says, line by line, the sums first; a hidden figure reads 非公開."""
    return [Result(*one) for one in (*certificate_sums(paper), *certificate_rows(paper))]


def certificate_sums(paper: Certificate) -> list[tuple[str, str]]:
    """(what, how much) over everything."""
    figures = paper.figures
    if paper.kind == Certificate.Kind.COMPANY:
        return [
            ("手伝った従業員", _said(figures["people"], "人")),
            ("手伝った時間", _hours(figures["minutes"])),
            ("受け取ったコイン", _said(figures["coins"], "コイン")),
        ]
    return [
        ("手伝った回数", _said(figures["visits"], "回")),
        ("手伝った時間", _hours(figures["minutes"])),
    ]


def certificate_rows(paper: Certificate) -> list[tuple[str, str]]:
    """(kind of help, how much)."""
    unit = "コイン" if paper.kind == Certificate.Kind.COMPANY else "回"
    found = []
    for code, number, minutes in paper.figures["rows"]:
        more = "" if number is None else f"（{number:,}{unit}）"
        found.append((category(code).name, f"{_hours(minutes)}{more}"))
    return found


def _said(figure: int | None, unit: str) -> str:
    return "非公開" if figure is None else f"{figure:,}{unit}"


def _hours(minutes: int | None) -> str:
    return "非公開" if minutes is None else minutes_spoken(minutes)


def status_lists_renew() -> int:
    """Make the current town's status lists where one is missing, out of date or about to lapse.
    Returns how many were made."""
    numbers = set(
        Standing.objects.filter(town=current()).values_list("list_number", flat=True).distinct()
    )
    fresh = StatusList.objects.filter(is_stale=False, valid_until__gt=clock.now() + LIST_AHEAD)
    due = sorted(numbers - set(fresh.values_list("number", flat=True)))
    for number in due:
        with transaction.atomic():
            _list_make(number)
    return len(due)


def _list_make(number: int) -> None:
    row, key = issuer_key()  # holds the town: lists are made one after the other
    who = issuer()
    made_at = clock.now()
    # What is taken back from here on waits for this row and marks it stale again.
    StatusList.objects.select_for_update().filter(number=number).first()
    document = credentials.status_list_document(
        issuer=who,
        number=number,
        revoked=Standing.objects.filter(
            town=current(), list_number=number, revoked_at__isnull=False
        ).values_list("list_index", flat=True),
        made_at=made_at,
        valid_until=made_at + LIST_LIVES,
    )
    StatusList.objects.update_or_create(
        number=number,
        defaults={
            "token": credentials.signed(document, key=key, key_url=who.key_url(row.kid)),
            "made_at": made_at,
            "valid_until": made_at + LIST_LIVES,
            "is_stale": False,
        },
    )
