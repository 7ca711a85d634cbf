"""品物の残り: how many of each item the office still has, and who said so when."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Act
from kyojo.kernel.errors import NotFound, Refusal

from ...http import redirect_saying
from ..access import DeskRequest, page
from .shared import Frame, of_programme, use_name
from .uses_forms import StockForm

HISTORY_SHOWN = 30


@of_programme("GET", "POST")
def one(request: DeskRequest, frame: Frame) -> HttpResponse:
    """Every item of the document with its box; one is written down at a time."""
    items = [(rule, name) for rule in frame.ruled.document.uses for name in rule.items]
    if not items:
        raise NotFound()
    if request.method != "POST":
        return _page(request, frame, items, None, 200)
    form = StockForm(request.POST)
    if form.is_valid():
        place = form.cleaned_data["item"]
        if not 0 <= place < len(items):
            raise NotFound()
        rule, name = items[place]
        try:
            services.stock_set(
                programme_code=frame.code,
                use=rule.use,
                name=name,
                left=form.cleaned_data["left"],
                seen=form.seen_number,
                by=request.desk.user,
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            path = reverse("desk-points-stock", kwargs={"code": frame.code})
            return redirect_saying(request, path, f"「{name}」の残りを記録しました")
    return _page(request, frame, items, form, 422)


def _page(
    request: DeskRequest, frame: Frame, items: list[Any], form: StockForm | None, status: int
) -> HttpResponse:
    left = selectors.stock(frame.ruled.programme)
    asked = str(form.data.get("item")) if form else ""
    rows = []
    for place, (rule, name) in enumerate(items):
        now = left.get(rule.use, {}).get(name)
        shown = StockForm(
            auto_id=f"i{place}-%s",
            initial={"item": place, "seen": "" if now is None else now, "left": now},
        )
        if form is not None and asked == str(place):
            form.auto_id = f"i{place}-%s"
            form.data = form.data.copy()
            form.data["seen"] = "" if now is None else str(now)  # what is shown now
            shown = form
        shown.fields["left"].widget.attrs["aria-describedby"] = f"about-{place}"
        rows.append(
            {
                "place": place,
                "use": use_name(rule.use),
                "name": name,
                "price": rule.prices.get(name),
                "left": now,
                "form": shown,
            }
        )
    return page(
        request,
        "points/stock.html",
        "points",
        {**frame.context(), "items": rows, "form": form, "history": _history(frame)},
        status=status,
    )


def _history(frame: Frame) -> list[dict[str, Any]]:
    acts = list(
        Act.objects.filter(
            action="stock_set", subject_kind="programme", subject_id=frame.code
        ).order_by("-id")[:HISTORY_SHOWN]
    )
    names = staff_selectors.names_of({act.actor_id for act in acts if act.actor_id})
    return [
        {"at": act.at, "note": act.note, "by": names.get(act.actor_id or 0, "")} for act in acts
    ]
