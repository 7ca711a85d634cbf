"""The keys a town signs badges with: sealed in the database, opened by the worker alone.

With ``KYOJO_BADGE_KEYS`` (Fernet keys, as ``KYOJO_FIELD_KEYS``) given to the worker and not to the
web, whoever takes over the web can sign nothing. Without it the field keys seal them.
"""

import json
from datetime import timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from joserfc.jwk import RSAKey

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.sealing import seal_bytes, unseal_bytes
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock

from .. import credentials
from ..models import Badge, Certificate, IssuerKey, StatusList

#: After so long a new key signs; the old one goes on verifying what it signed.
CHANGED_AFTER = timedelta(days=730)


def issuer() -> credentials.Issuer:
    """The current town as it vouches."""
    return issuer_of(Municipality.objects.get(pk=current()))


def issuer_of(town: Municipality) -> credentials.Issuer:
    base = settings.BASE_URL
    return credentials.Issuer(
        url=f"{base}/badges/issuer/{town.slug}/",
        name=town.name,
        homepage=f"{base}/town/{town.slug}/",
        phone=town.office_phone,
    )


def issuer_key() -> tuple[IssuerKey, RSAKey]:
    """The key that signs now, made where there is none or where it has served its time."""
    with transaction.atomic():
        # Two workers at once: the second waits here and finds the first one's key.
        Municipality.objects.select_for_update().get(pk=current())
        row = IssuerKey.objects.filter(retired_at=None).first()
        if row is None or clock.now() - row.made_at >= CHANGED_AFTER:
            row = _renewed()
        return row, opened(row)


def issuer_key_replace(*, by: User | None, is_compromised: bool = False) -> IssuerKey:
    """Sign with a new key from now on. ``is_compromised``: the old keys are withdrawn as well, so
    that nothing they signed verifies any more, and everything that holds is signed anew."""
    with transaction.atomic():
        Municipality.objects.select_for_update().get(pk=current())
        row = _renewed()
        if is_compromised:
            IssuerKey.objects.exclude(pk=row.pk).filter(withdrawn_at=None).update(
                withdrawn_at=clock.now()
            )
            for model in (Badge, Certificate):
                model.objects.filter(revoked_at=None).update(token="", signed_at=None)
            StatusList.objects.update(is_stale=True)
        act_record(
            actor=by,
            action="badge_key_replace",
            subject_kind="municipality",
            subject_id=current(),
            note="compromised" if is_compromised else "",
        )
        return row


def _renewed() -> IssuerKey:
    IssuerKey.objects.filter(retired_at=None).update(retired_at=clock.now())
    key = credentials.key_make()
    kid = credentials.key_id(key)
    row: IssuerKey = IssuerKey.objects.create(
        kid=kid,
        public=credentials.key_public(key, issuer().key_url(kid)),
        private_sealed=_sealed(json.dumps(key.as_dict(private=True)).encode()),
        made_at=clock.now(),
    )
    return row


def opened(row: IssuerKey) -> RSAKey:
    """Raises ``cryptography.fernet.InvalidToken`` where this process may not sign."""
    sealed = bytes(row.private_sealed)
    try:
        plain = _ring().decrypt(sealed) if settings.BADGE_KEYS else unseal_bytes(sealed)
    except InvalidToken:
        plain = unseal_bytes(sealed)  # sealed before the worker had keys of its own
    return RSAKey.import_key(json.loads(plain))


def _sealed(plain: bytes) -> bytes:
    return _ring().encrypt(plain) if settings.BADGE_KEYS else seal_bytes(plain)


def _ring() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.BADGE_KEYS])
