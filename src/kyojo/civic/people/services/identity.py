"""Identity by the authentication app: the way there, the way back, and what is kept of it.

Kept is that somebody's card agreed with the register, and a keyed hash of the name under which the
provider knows the card's holder here. Tokens and claims live for the length of one call.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import sentences, trust
from ..consent_selectors import consent_required
from ..errors import (
    ChoiceUnknown,
    ClashClosed,
    IdentityAskOver,
    IdentityCancelled,
    IdentityDiffers,
    IdentityDown,
    IdentityFailed,
    IdentityOff,
    IdentityTaken,
    IdentityTooOften,
)
from ..identity.comparing import CardWrong, card_of, differing
from ..identity.provider import Provider, ProviderDown, ProviderRefused, SettingWrong, provider
from ..identity.tokens import TokenWrong
from ..models import IdentityAsk, IdentityClash, IdentityMark, Person, TrustCheck, User
from .acts import act_record, staff_checked
from .checks import check_write, looker_checked
from .locks import persons_lock
from .notices import notice_send

#: How long the way there and back may take, and how often an hour somebody may set out.
ASK_LIVES = timedelta(minutes=15)
ASKS_MAX, ASKS_WINDOW = 6, timedelta(hours=1)
ASK_KEPT = timedelta(days=1)


def identity_by_app_offered() -> bool:
    """Whether the settings name a provider that can be used."""
    try:
        return provider() is not None
    except SettingWrong:
        return False


def identity_begin(*, person: Person, redirect_uri: str) -> tuple[str, dict[str, str]]:
    """(where the browser goes, what the session keeps until it comes back).

    Raises ``IdentityOff``, ``IdentityTooOften``, ``IdentityDown``, ``ConsentMissing``.
    """
    given = _provider()
    consent_required(person, trust.IDENTITY)
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    try:
        url = given.authorization_url(
            redirect_uri=redirect_uri, state=state, nonce=nonce, verifier=verifier
        )
    except ProviderDown:
        raise IdentityDown() from None
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        since = clock.now() - ASKS_WINDOW
        if IdentityAsk.objects.filter(person=person, asked_at__gt=since).count() >= ASKS_MAX:
            raise IdentityTooOften()
        IdentityAsk.objects.create(
            person=person, state_hash=_hashed("state", state), asked_at=clock.now()
        )
    return url, {"state": state, "nonce": nonce, "verifier": verifier, "uid": str(person.uid)}


def identity_finish(
    *,
    person: Person,
    pending: Mapping[str, str] | None,
    state: str,
    code: str,
    error: str,
    redirect_uri: str,
    issuer: str = "",
) -> TrustCheck:
    """The way back: ``pending`` is what the session kept, the rest what the address said
    (``issuer``: its ``iss``, where the provider sends one).

    Each way back counts once, whatever comes of it. Raises ``IdentityOff``, ``IdentityAskOver``,
    ``IdentityCancelled``, ``IdentityFailed``, ``IdentityDown``, ``IdentityDiffers`` and
    ``IdentityTaken``, after which a case for the office stands: keep the transaction.
    """
    given = _provider()
    if (
        pending is None
        or pending.get("uid") != str(person.uid)
        or not state
        or not constant_time_compare(pending.get("state", ""), state)
    ):
        raise IdentityAskOver()
    _ask_use(person, state)
    consent_required(person, trust.IDENTITY)
    if error:
        raise IdentityCancelled() if error == "access_denied" else IdentityFailed()
    if issuer and not constant_time_compare(issuer, given.issuer):
        raise IdentityFailed()
    claims = _claims(given, pending, code, redirect_uri)
    try:
        card = card_of(claims)
    except CardWrong:
        raise IdentityFailed() from None
    differs: tuple[str, ...] = ()
    with transaction.atomic():
        locked = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
        differs = differing(
            card,
            family_name=locked.family_name,
            given_name=locked.given_name,
            birth_date=locked.birth_date,
            address=locked.address,
        )
        other = None if differs else _mark_or_other(locked, claims["sub"])
        if not differs and other is None:
            return check_write(
                person=locked,
                kind=trust.IDENTITY,
                label="",
                valid_until=None,
                by=None,
                method=sentences.BY_APP,
                shown="マイナンバーカード",
            )
        if other is not None:
            IdentityClash.objects.get_or_create(person=locked, other=other, outcome="")
        act_record(
            actor=person.user,
            action="identity_refused",
            subject_kind="person",
            subject_id=person.uid,
            note="taken" if other is not None else "differs",
        )
    if differs:
        raise IdentityDiffers(items="と".join(differs))
    raise IdentityTaken()


def _provider() -> Provider:
    try:
        given = provider()
    except SettingWrong:
        raise IdentityOff() from None
    if given is None:
        raise IdentityOff()
    return given


def _ask_use(person: Person, state: str) -> None:
    """Of two ways back with one state, one counts."""
    used = IdentityAsk.objects.filter(
        person=person,
        state_hash=_hashed("state", state),
        used_at=None,
        asked_at__gt=clock.now() - ASK_LIVES,
    ).update(used_at=clock.now())
    if not used:
        raise IdentityAskOver()


def _claims(
    given: Provider, pending: Mapping[str, str], code: str, redirect_uri: str
) -> Mapping[str, Any]:
    if not code or len(code) > 2048:
        raise IdentityFailed()
    try:
        return given.claims(
            code=code,
            redirect_uri=redirect_uri,
            nonce=pending["nonce"],
            verifier=pending["verifier"],
        )
    except ProviderDown:
        raise IdentityDown() from None
    except (ProviderRefused, TokenWrong):
        raise IdentityFailed() from None


def _mark_or_other(person: Person, subject: str) -> Person | None:
    """Note the card for ``person``; the other member of the town for whom it stands already."""
    mark, _ = IdentityMark.objects.select_related("person").get_or_create(
        mark=_hashed(f"card/{current()}/{settings.IDENTITY_ISSUER}", subject),
        defaults={"person": person},
    )
    if mark.person_id == person.pk:
        return None
    if mark.person.left_at is not None:
        # Whoever left and came back has a new number and the same card.
        IdentityMark.objects.filter(pk=mark.pk).update(person=person, made_at=clock.now())
        return None
    return mark.person  # type: ignore[no-any-return]


def _hashed(what: str, value: str) -> str:
    key = settings.IDENTITY_MARK_KEY or settings.SECRET_KEY
    return salted_hmac(f"kyojo.identity.{what}", value, secret=key, algorithm="sha256").hexdigest()


def identity_asks_purge() -> int:
    """Forget who set out. Returns how many there were."""
    deleted, _ = IdentityAsk.objects.filter(asked_at__lt=clock.now() - ASK_KEPT).delete()
    return int(deleted)


# --- two members, one card ------------------------------------------------------------------------


def identity_clash_close(*, clash_id: int, outcome: str, by: User) -> IdentityClash:
    """The office has found out who is who.

    "same": one person, registered twice; the office ends one membership. "refused": it was somebody
    else's card. "other": the earlier check was wrong; it is withdrawn and the card is free for
    whoever it belongs to. The member is told in each case what to do next.

    Raises ``NotFound``, ``OwnCheck``, ``ChoiceUnknown``, ``ClashClosed``.
    """
    staff_checked(by)
    if outcome not in set(IdentityClash.Outcome.values) - {""}:
        raise ChoiceUnknown(field="outcome", part="分かったこと")
    seen = IdentityClash.objects.select_related("person", "other").filter(pk=clash_id).first()
    if seen is None:
        raise NotFound()
    looker_checked(seen.person, by)
    looker_checked(seen.other, by)
    with transaction.atomic():
        persons_lock(keys=[(current(), seen.person_id), (current(), seen.other_id)])
        closed = IdentityClash.objects.filter(pk=clash_id, outcome="").update(
            outcome=outcome, closed_by=by, closed_at=clock.now()
        )
        if not closed:
            raise ClashClosed()
        if outcome == IdentityClash.Outcome.OTHER:
            _card_freed(seen.other, by)
        act_record(
            actor=by,
            action="identity_clash_close",
            subject_kind="person",
            subject_id=seen.person.uid,
            note=outcome,
        )
        notice_send(
            person=seen.person,
            kind="identity_clash",
            key=f"identity_clash:{clash_id}",
            title=sentences.CLASH_CLOSED,
            body=sentences.CLASH_CLOSED_BODY[outcome],
            path=sentences.TRUST_PATH,
        )
    seen.refresh_from_db()
    return seen  # type: ignore[no-any-return]


def _card_freed(person: Person, by: User) -> None:
    IdentityMark.objects.filter(person=person).delete()
    TrustCheck.objects.filter(
        person=person, kind=trust.IDENTITY, withdrawn_at=None, method=sentences.BY_APP
    ).update(withdrawn_at=clock.now(), withdrawn_by=by, withdrawn_reason=sentences.CARD_OF_ANOTHER)
    notice_send(
        person=person,
        kind="trust_withdrawn",
        key=f"trust_withdrawn:card:{clock.now().timestamp():.0f}",
        title=sentences.CHECK_WITHDRAWN.format(what=trust.NAMES[trust.IDENTITY]),
        body=sentences.CHECK_WITHDRAWN_BODY.format(reason=sentences.CARD_OF_ANOTHER),
        path=sentences.TRUST_PATH,
    )
