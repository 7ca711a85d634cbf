"""Rows that stand in several municipalities at once (help across towns).

What another town needs to see of a request, an offer or a visit stands as a row of its own there,
with the same ``uid``. These rows are locked, written and advanced together, always in the order
of the municipality codes, so that two towns working on the same case cannot deadlock.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import models, transaction

from kyojo.kernel.errors import NotFound

from .tenancy import TenantModel, tenant


class TwinModel(TenantModel):
    """A row with the same ``uid`` in each municipality of ``sides``."""

    uid = models.UUIDField(editable=False)
    #: The codes of the municipalities that hold a row with this uid, ascending.
    sides = models.JSONField()

    class Meta:
        abstract = True


def sides_of(*municipality_ids: int) -> list[int]:
    """The distinct codes, ascending: the order in which rows are locked and written."""
    return sorted(set(municipality_ids))


def twins_create(
    model: type[TwinModel],
    *,
    uid: UUID,
    sides: Iterable[int],
    common: dict[str, Any],
    only: dict[int, dict[str, Any]] | None = None,
) -> dict[int, Any]:
    """Create the row in every municipality of ``sides``; ``only[code]`` adds that town's fields.

    Returns the rows by municipality code.
    """
    codes = sides_of(*sides)
    rows = {}
    with transaction.atomic():
        for code in codes:
            with tenant(code):
                rows[code] = model.objects.create(
                    uid=uid, sides=codes, **common, **((only or {}).get(code, {}))
                )
    return rows


@contextmanager
def twins_locked(model: type[TwinModel], *, uid: UUID, start: int) -> Iterator[dict[int, Any]]:
    """Lock the row ``uid`` in all its municipalities, reading its sides from town ``start``.

    Yields the rows by municipality code, fresh from the database. Raises ``NotFound`` where town
    ``start`` has no such row. Write with ``twins_save`` inside the block.
    """
    with transaction.atomic():
        with tenant(start):
            seen = model.objects.filter(uid=uid).values_list("sides", flat=True).first()
        if seen is None:
            raise NotFound()
        rows = {}
        for code in sides_of(*seen):
            with tenant(code):
                rows[code] = model.objects.select_for_update(of=("self",)).get(uid=uid)
        yield rows


def twins_save(rows: dict[int, Any], **changes: Any) -> None:
    """Set the same fields on every locked twin and save them."""
    for code in sorted(rows):
        row = rows[code]
        for name, value in changes.items():
            setattr(row, name, value)
        with tenant(code):
            row.save(update_fields=[*changes])
