"""Forgetting a login: its sessions, and every row that points to it, town by town."""

from collections.abc import Callable
from typing import Any

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models import QuerySet

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import TenantModel, tenant

from .models import User

#: Whoever has one of these works with the login, and keeps it as that.
OFFICES = frozenset({"staffrole", "companyofficer", "shop"})
#: What says of somebody who has worked at a desk who did what.
RECORD = frozenset({"staffrole", "staffnumber", "act"})


def login_forget(*, user: User) -> bool:
    """Erase a login, unless somebody holds an office with it; whether it is gone.

    Needs no tenant. What it did stays, done by nobody known. Where a row must name a login (who
    made a list of coins), an address that leads nowhere is left of it; so also of who has worked at
    a desk, with their name, for as long as the record of what they did is kept (``retention``).
    """
    with transaction.atomic():
        sessions_end(user=user)
        relations = relations_to(User)
        if _holds(user, relations, OFFICES):
            return False
        worked = _holds(user, relations, frozenset({"staffrole"}), standing=False)
        bound = [one for one in relations if _on_delete(one) is models.PROTECT]
        if worked:
            bound += [one for one in relations if one.related_model._meta.model_name in RECORD]
        for one in relations:
            if one not in bound:
                _each(user, one, _let_go(one))
        if worked or any(_found(user, one) for one in bound):
            User.objects.filter(pk=user.pk).update(
                email=f"gone-{user.pk}@invalid",
                password="!",  # noqa: S106 (none that anybody could type)
                is_active=False,
                municipality=None,
            )
            return True
        User.objects.filter(pk=user.pk)._raw_delete("default")  # type: ignore[attr-defined]
    return True


def has_office(user: User) -> bool:
    """Whether somebody works with the login, in any town, or decides appeals by it."""
    return _holds(user, relations_to(User), OFFICES | {"appealofficer"})


def _holds(
    user: User, relations: list[Any], offices: frozenset[str], *, standing: bool = True
) -> bool:
    """One of the offices, now; or also one that ended."""
    here = [one for one in relations if one.related_model._meta.model_name in offices]
    return any(_found(user, one, standing=standing) for one in here)


def relations_to(model: type[models.Model]) -> list[Any]:
    """Every column of every table that points to ``model``, also those without a name there."""
    return [
        field
        for field in model._meta.get_fields(include_hidden=True)
        if (field.one_to_many or field.one_to_one) and field.auto_created and not field.concrete
    ]


def sessions_end(*, user: User) -> int:
    """End every session of a login, on every device; how many there were."""
    ended = 0
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
            ended += 1
    return ended


def _on_delete(relation: Any) -> Any:
    return getattr(relation, "on_delete", None)


def _let_go(relation: Any) -> Callable[[QuerySet[Any]], object]:
    if _on_delete(relation) is models.CASCADE:
        return lambda rows: rows.delete()
    return lambda rows: rows.update(**{relation.field.name: None})


def _found(user: User, relation: Any, *, standing: bool = False) -> bool:
    return any(_each(user, relation, lambda rows: rows.exists(), standing=standing))


def _each(
    user: User,
    relation: Any,
    act: Callable[[QuerySet[Any]], object],
    *,
    standing: bool = False,
) -> list[object]:
    """``act`` on the rows that point to the login (``standing``: without those that ended, where a
    table tells), of one town after the other: within a town no wall shows those of another."""
    model, column = relation.related_model, {relation.field.name: user}
    rows = model._default_manager if standing else getattr(model, "ever", model._default_manager)
    if not issubclass(model, TenantModel):
        return [act(rows.filter(**column))]
    done = []
    for code in Municipality.objects.order_by("id").values_list("id", flat=True):
        with tenant(code):
            done.append(act(rows.filter(**column)))
    return done
