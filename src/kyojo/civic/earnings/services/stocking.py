"""How many of an item are left: set by the office, taken by who asks, put back when nothing came
of it. An item without a row has no limit.

Whoever takes or puts back has locked the person first, and locks the item's row here, so that two
who want the last one ask in turn.
"""

from django.db import transaction
from django.db.models import F

from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock

from .. import selectors
from ..errors import SoldOut, StockChanged, StockInvalid, StockUnknown
from ..models import Stock

#: What somebody who did not look at the shelf's number gives as ``seen``.
UNSEEN = -1
MOST = 100_000


@transaction.atomic
def stock_set(
    *,
    programme_code: str,
    use: str,
    name: str,
    left: int | None,
    seen: int | None = UNSEEN,
    by: User,
) -> None:
    """Say how many of an item are left; None: it has no limit (any more).

    ``seen`` is what the office's page showed: where it is another number by now, because somebody
    asked for one meanwhile, nothing is written. What waits for a decision is taken already and
    not to be counted. The same number again changes nothing.

    Raises ``StockUnknown``, ``StockInvalid``, ``StockChanged``, ``NotFound``.
    """
    ruled = selectors.ruled(programme_code)
    if name not in [item for rule in ruled.document.uses if rule.use == use for item in rule.items]:
        raise StockUnknown(field="name")
    if left is not None and (type(left) is not int or not 0 <= left <= MOST):
        raise StockInvalid(field="left", most=f"{MOST:,}")
    # The programme's row stands for the item that has none yet.
    programme = Programme.objects.select_for_update(no_key=True).get(pk=ruled.programme.pk)
    row = _row(programme, use, name)
    now = row.left if row else None
    if now == left:
        return
    if seen not in (UNSEEN, now):
        raise StockChanged(
            field="left", item=name, now="「限りなし」" if now is None else f"{now:,}"
        )
    if left is None:
        assert row is not None
        row.delete()
    else:
        Stock.objects.update_or_create(
            programme=programme,
            use=use,
            name=name,
            defaults={"left": left, "changed_by": by, "changed_at": clock.now()},
        )
    act_record(
        actor=by,
        action="stock_set",
        subject_kind="programme",
        subject_id=programme.code,
        note=f"{name} {_said(now)}→{_said(left)}",
    )


def _said(left: int | None) -> str:
    return "限りなし" if left is None else f"{left:,}"


def _row(programme: Programme, use: str, name: str) -> Stock | None:
    found: Stock | None = (
        Stock.objects.select_for_update().filter(programme=programme, use=use, name=name).first()
    )
    return found


def stock_checked(*, programme: Programme, use: str, name: str, quantity: int) -> None:
    """Raises ``SoldOut`` where there are fewer than ``quantity``; nothing is taken."""
    row = Stock.objects.filter(programme=programme, use=use, name=name).first()
    if row is not None and row.left < quantity:
        rest = f"残りが{row.left:,}です" if row.left else "いま品切れです"
        raise SoldOut(field="detail", item=name, rest=rest)


def stock_take(*, programme: Programme, use: str, name: str, quantity: int) -> None:
    """Take ``quantity`` of an item. Raises ``SoldOut``: nothing was taken."""
    _row(programme, use, name)
    stock_checked(programme=programme, use=use, name=name, quantity=quantity)
    Stock.objects.filter(programme=programme, use=use, name=name).update(left=F("left") - quantity)


def stock_return(*, programme: Programme, use: str, name: str, quantity: int) -> None:
    """Put ``quantity`` of an item back that nobody got."""
    Stock.objects.filter(programme=programme, use=use, name=name).update(left=F("left") + quantity)
