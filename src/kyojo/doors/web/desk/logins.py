"""職員の鍵: who works here with which second factor, and taking it away from who lost it."""

from collections.abc import Iterable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import FactorReset, User
from kyojo.civic.people.security_selectors import resets_lately, resets_waiting
from kyojo.civic.people.services import factor_reset_ask, factor_reset_decide
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import OrderForm
from ..http import page_refused, redirect_saying
from .access import DeskRequest, page, staff
from .forms import radio

KINDS = {"webauthn": "パスキー", "totp": "アプリの数字"}


class ResetForm(OrderForm):
    """Who lost their keys, and how they were recognised."""

    who = forms.ChoiceField(label="鍵をなくした職員")
    checked = radio(
        label="直接会って、どのように確かめましたか", choices=FactorReset.Checked.choices
    )

    def __init__(self, *args: object, names: dict[int, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["who"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "えらんでください"), *((str(key), one) for key, one in names.items())]


@staff("GET", "POST", fresh=True)
def listed(request: DeskRequest) -> HttpResponse:
    """Everybody at this desk with their keys, what waits, and the form to ask for a reset."""
    names = staff_selectors.everybody()
    outside = {
        one.user_id: f"{one.name}（異議をみる人・{one.title}）"
        for one in staff_selectors.appeal_officers()
    }
    others = {key: name for key, name in (names | outside).items() if key != request.desk.user.pk}
    form = ResetForm(request.POST or None, names=others)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            user = User.objects.get(pk=form.cleaned_data["who"])
            try:
                factor_reset_ask(
                    uid=form.order,
                    user=user,
                    checked=form.cleaned_data["checked"],
                    by=request.desk.user,
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(
                    request, "desk-logins", "受け付けました。別の自治体職員が認めると、鍵が消えます"
                )
    waiting, lately = resets_waiting(), resets_lately()
    past = [one for one in lately if one.state != FactorReset.State.WAITING]
    then = _names([*waiting, *past])
    return page(
        request,
        "logins.html",
        "acts",
        {
            "form": form,
            "staff": _rows(names),
            "waiting": [_reset(one, then, request.desk.user) for one in waiting],
            "past": [_reset(one, then, request.desk.user) for one in past],
        },
        status=status,
    )


def _rows(names: dict[int, str]) -> list[dict[str, object]]:
    kinds: dict[int, set[str]] = {}
    found = Authenticator.objects.filter(user_id__in=names).values_list("user_id", "type")
    for user_id, kind in found:
        kinds.setdefault(user_id, set()).add(kind)
    numbers = staff_selectors.numbers()
    return [
        {
            "name": name,
            "number": numbers.get(key, ""),
            "keys": "・".join(label for kind, label in KINDS.items() if kind in kinds.get(key, ())),
        }
        for key, name in names.items()
    ]


def _names(resets: Iterable[FactorReset]) -> dict[int, str]:
    """Whoever has a part in them, also who does not work here any more."""
    asked = (key for one in resets for key in (one.user_id, one.asked_by_id, one.decided_by_id))
    return staff_selectors.names_of(key for key in asked if key is not None)


def _reset(one: FactorReset, names: dict[int, str], me: User) -> dict[str, object]:
    return {
        "uid": one.uid,
        "who": names.get(one.user_id, "前の職員"),
        "checked": one.get_checked_display(),
        "asked_by": names.get(one.asked_by_id or 0, "前の職員"),
        "asked_at": one.asked_at,
        "decided_by": names.get(one.decided_by_id or 0, "前の職員"),
        "decided_at": one.decided_at,
        "state": one.get_state_display(),
        "mine": me.pk in (one.asked_by_id, one.user_id),
    }


@staff("POST", officer=True, fresh=True)
def decide(request: DeskRequest, uid: UUID) -> HttpResponse:
    done = request.POST.get("answer") == "done"
    try:
        factor_reset_decide(uid=uid, done=done, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=reverse("desk-logins"))
    said = "鍵を消しました。本人にメールでお知らせします" if done else "とりやめました"
    return redirect_saying(request, "desk-logins", said)
