"""Bundles: several things asked for together. Parts are drafts until all are opened at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kyojo.civic.people.models import Person
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from ..errors import (
    BundleEmpty,
    BundleOpen,
    BundleOver,
    BundlePartsWrong,
    BundleTitleMissing,
    DraftGone,
    NotACarer,
    OrderTaken,
)
from ..models import Bundle, HelpRequest
from .requests import draft_change, draft_save, request_open

TITLE_MAX = 60
PARTS_MAX = 12


def bundle_begin(*, order_id: UUID, carer: Person, title: str) -> Bundle:
    """An empty bundle with uid ``order_id``; a replay returns it. Raises ``NotACarer``,
    ``BundleTitleMissing``, ``OrderTaken``, ``NotFound`` (somebody else's id)."""
    if carer.carer_since is None:
        raise NotACarer()
    said = title.strip()
    if not 0 < len(said) <= TITLE_MAX:
        raise BundleTitleMissing(field="title", most=TITLE_MAX)
    made, is_new = Bundle.objects.get_or_create(
        uid=order_id, defaults={"carer": carer, "title": said, "created_at": clock.now()}
    )
    if not is_new and made.carer_id != carer.pk:
        raise NotFound()
    if made.title != said:
        raise OrderTaken()
    return made


@contextmanager
def _draft(uid: UUID, carer: Person) -> Iterator[Bundle]:
    """Lock a bundle of the carer's that is not open yet."""
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update().filter(uid=uid, carer=carer).first()
        if bundle is None:
            raise NotFound()
        _unopened(bundle)
        yield bundle


def _unopened(bundle: Bundle) -> None:
    if bundle.cancelled_at is not None:
        raise BundleOver()
    if bundle.opened_at is not None:
        raise BundleOpen()


def _parts(bundle: Bundle) -> list[HelpRequest]:
    return list(
        HelpRequest.objects.filter(bundle_uid=bundle.uid, state=HelpRequest.State.DRAFT).order_by(
            "starts_at", "uid"
        )
    )


def bundle_part_save(
    *,
    order_id: UUID,
    bundle_uid: UUID,
    carer: Person,
    category: str,
    place_uid: UUID,
    starts_at: datetime,
    minutes: int,
    memo: str,
    gender_wish: str = "",
) -> HelpRequest:
    """Put a part in, or write other content into the part with uid ``order_id``.

    Raises as ``draft_save``, ``BundleOpen``, ``BundleOver``, ``BundlePartsWrong``.
    """
    content = {
        "category": category,
        "place_uid": place_uid,
        "starts_at": starts_at,
        "minutes": minutes,
        "memo": memo,
        "gender_wish": gender_wish,
    }
    with _draft(bundle_uid, carer) as bundle:
        known = HelpRequest.objects.filter(uid=order_id, carer=carer).first()
        if known is not None:
            if known.bundle_uid != bundle_uid:
                raise NotFound()
            return draft_change(uid=order_id, carer=carer, **content)  # type: ignore[arg-type]
        if len(_parts(bundle)) >= PARTS_MAX:
            raise BundlePartsWrong(most=PARTS_MAX)
        made = draft_save(order_id=order_id, carer=carer, **content)  # type: ignore[arg-type]
        HelpRequest.objects.filter(pk=made.pk).update(bundle_uid=bundle_uid)
        made.bundle_uid = bundle_uid
        return made


def bundle_slices_save(
    *,
    order_id: UUID,
    bundle_uid: UUID,
    carer: Person,
    category: str,
    place_uid: UUID,
    slices: list[tuple[datetime, int]],
    memo: str,
    gender_wish: str = "",
) -> list[HelpRequest]:
    """A long job as a part for each of its ``slices`` (start, minutes); all or none. The same
    order again changes nothing. Raises as ``bundle_part_save``."""
    with transaction.atomic():
        return [
            bundle_part_save(
                order_id=derived_id(order_id, number),
                bundle_uid=bundle_uid,
                carer=carer,
                category=category,
                place_uid=place_uid,
                starts_at=starts_at,
                minutes=minutes,
                memo=memo,
                gender_wish=gender_wish,
            )
            for number, (starts_at, minutes) in enumerate(slices)
        ]


def bundle_part_remove(*, bundle_uid: UUID, part_uid: UUID, carer: Person) -> None:
    """Take a part out while it is a draft. Taken out already: nothing changes."""
    with _draft(bundle_uid, carer):
        part = (
            HelpRequest.objects.select_for_update()
            .filter(uid=part_uid, bundle_uid=bundle_uid, carer=carer)
            .first()
        )
        if part is None:
            return
        if part.state != HelpRequest.State.DRAFT:
            raise DraftGone()
        part.delete()


def bundle_open(*, uid: UUID, carer: Person) -> list[HelpRequest]:
    """Open every part; all or none. Open already: the parts, unchanged.

    Raises ``NotFound``, ``BundleEmpty``, ``BundleOver``, and as ``request_open``.
    """
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update().filter(uid=uid, carer=carer).first()
        if bundle is None:
            raise NotFound()
        if bundle.cancelled_at is not None:
            raise BundleOver()
        if bundle.opened_at is not None:
            return list(HelpRequest.objects.filter(bundle_uid=uid).order_by("starts_at", "uid"))
        parts = _parts(bundle)
        if len(parts) < 2:
            raise BundleEmpty()
        opened = [request_open(uid=part.uid, carer=carer) for part in parts]
        bundle.opened_at = clock.now()
        bundle.save(update_fields=["opened_at"])
    return opened


def bundle_cancelled(*, uid: UUID, carer: Person) -> Bundle:
    """Note that what is left of a bundle is not wanted any more, and drop its drafts; the open
    requests are ``matching``'s to take back, in the same transaction. Again: nothing changes."""
    with transaction.atomic():
        bundle = Bundle.objects.select_for_update().filter(uid=uid, carer=carer).first()
        if bundle is None:
            raise NotFound()
        if bundle.cancelled_at is None:
            HelpRequest.objects.filter(bundle_uid=uid, state=HelpRequest.State.DRAFT).delete()
            bundle.cancelled_at = clock.now()
            bundle.save(update_fields=["cancelled_at"])
        found: Bundle = bundle
        return found
