"""Tenancy: whose rows may be read and written now.

Two walls. The first is here: managers of tenant models filter by the current municipality and
raise ``UnscopedQuery`` when there is none. The second is PostgreSQL's row-level security, which
compares each row with the transaction's setting ``app.municipality`` (see ``walls.py``).

    with tenant(municipality_id):
        Person.objects.filter(...)      # only this municipality's people

Blocks nest; an inner block may name another municipality (help across towns), and the outer one
is restored when it ends. ``tenant`` opens a transaction (or a savepoint), because the setting
lives exactly as long as the transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, models, transaction

from kyojo.kernel.errors import NotFound

from .errors import UnscopedQuery

#: The largest code that the column takes. A larger one can only come from an address bar.
CODE_MAX = 2**31 - 1

_current: ContextVar[int | None] = ContextVar("kyojo_municipality", default=None)


def current() -> int:
    """The municipality code of the current block; raises ``UnscopedQuery`` outside one."""
    municipality_id = _current.get()
    if municipality_id is None:
        raise UnscopedQuery("no municipality: wrap the call in tenancy.tenant(municipality_id)")
    return municipality_id


def current_or_none() -> int | None:
    return _current.get()


def _set_local(municipality_id: int | None) -> None:
    # SET LOCAL takes no parameters, and Citus wants the statement: the int is formatted here.
    value = "''" if municipality_id is None else f"'{int(municipality_id)}'"
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL app.municipality = {value}")


@contextmanager
def tenant(municipality_id: int) -> Iterator[None]:
    """Read and write the rows of ``municipality_id`` inside the block, in one transaction.

    An exception rolls the block's work back, as with ``transaction.atomic``. Raises ``NotFound``
    for a number that no municipality can have.
    """
    if not 0 <= int(municipality_id) <= CODE_MAX:
        raise NotFound()
    before = _current.get()
    nested = connection.in_atomic_block
    with transaction.atomic():
        token = _current.set(int(municipality_id))
        if before != municipality_id:
            _set_local(municipality_id)
        try:
            yield
        finally:
            _current.reset(token)
        # Reached on success only: a rollback restores the setting by itself.
        if nested and before != municipality_id and not connection.needs_rollback:
            _set_local(before)


class TenantQuerySet(models.QuerySet[Any]):
    """Sets ``municipality_id`` on every row it makes."""

    def create(self, **kwargs: Any) -> Any:
        kwargs.setdefault("municipality_id", current())
        return super().create(**kwargs)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for obj in objs:
            if obj.municipality_id is None:
                obj.municipality_id = current()
        return super().bulk_create(objs, *args, **kwargs)


class TenantManager(models.Manager[Any]):
    """Every query is scoped to the current municipality, or raises ``UnscopedQuery``."""

    use_in_migrations = False

    def get_queryset(self) -> TenantQuerySet:
        return TenantQuerySet(self.model, using=self._db).filter(municipality_id=current())

    def create(self, **kwargs: Any) -> Any:
        kwargs.setdefault("municipality_id", current())
        return super().create(**kwargs)


class TenantModel(models.Model):
    """A row that belongs to one municipality. ``walls.py`` puts row-level security on its table."""

    municipality = models.ForeignKey(
        "municipalities.Municipality", on_delete=models.PROTECT, related_name="+"
    )

    objects = TenantManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.municipality_id is None:
            self.municipality_id = current()
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.pk}"
