"""Confirming, saying that something was different, calling off, thanking."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.civic.people.coins import purse
from kyojo.help.support import selectors, services
from kyojo.kernel.errors import Invalid, NotFound, Refusal

from .. import http
from ..security.stepping import step_up_required
from .access import member, person_of, pressed
from .device import pressed_with
from .forms import AbsentForm, CancelForm, LineBackForm, ReviewBackForm, ThanksForm, WordsForm
from .views import page_of


def _url(uid: UUID) -> str:
    return reverse("visit", args=[uid])


@require_POST
@member
def confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """「確認しました」: then the thanks, or the visit's page where the office looks first."""
    person = person_of(request)
    asked = step_up_required(
        request,
        "visit_confirm",
        coins=selectors.visit_for(person, uid).amount_coins,
        available=purse(person).available,
    )
    if asked is not None:
        return asked
    pressed_with(request, uid, "confirm")
    try:
        services.visit_confirm(visit_uid=uid, carer=person)
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=_url(uid))
    view = selectors.visit_for(person, uid)
    if view.state == "settled":
        return HttpResponseRedirect(reverse("visit-thanks", args=[uid]))
    return http.redirect_saying(
        request, _url(uid), "確認しました。事務局が記録を見てから、コインをお渡しします"
    )


@member
def dispute(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = selectors.visit_for(person_of(request), uid)
    if view.role not in ("carer", "supporter"):
        raise NotFound()
    form = WordsForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return pressed(
            request,
            lambda: services.visit_dispute(
                visit_uid=uid, by=person_of(request), words=form.cleaned_data["words"]
            ),
            back=_url(uid),
            to=_url(uid),
            sentence="事務局に伝えました。お電話でお話をうかがいます",
        )
    status = 422 if form.errors else 200
    return render(request, "visits/dispute.html", {"visit": view, "form": form}, status=status)


@member
def absent(request: HttpRequest, uid: UUID) -> HttpResponse:
    """来ませんでした (the carer) or どなたもいらっしゃいません (the supporter)."""
    person = person_of(request)
    view = selectors.visit_for(person, uid)
    who = {"carer": "supporter", "supporter": "carer"}.get(view.role)
    if who is None:
        raise NotFound()
    form = AbsentForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return pressed(
            request,
            lambda: services.visit_no_show(
                visit_uid=uid, by=person, who=who, words=form.cleaned_data["words"]
            ),
            back=_url(uid),
            to=_url(uid),
            sentence="伝えました。コインはなくなりません",
        )
    return render(request, "visits/absent.html", {"visit": view, "form": form, "who": who})


@member
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = selectors.visit_for(person_of(request), uid)
    if view.role not in ("carer", "supporter"):
        raise NotFound()
    form = CancelForm(request.POST if request.method == "POST" else None, role=view.role)
    if request.method == "POST" and form.is_valid():
        coins = "コインは全部もどりました" if view.role == "carer" else "たのんだ人に伝えました"
        return pressed(
            request,
            lambda: services.visit_cancel(
                visit_uid=uid, actor=person_of(request), reason=form.cleaned_data["reason"]
            ),
            back=_url(uid),
            to=_url(uid),
            sentence=f"取り消しました。{coins}",
        )
    status = 422 if form.errors else 200
    return render(request, "visits/cancel.html", {"visit": view, "form": form}, status=status)


@member
def thanks(request: HttpRequest, uid: UUID) -> HttpResponse:
    """05a for the carer; the supporter's line back is on their own page and posts here."""
    person = person_of(request)
    view = selectors.visit_for(person, uid)
    if view.role == "recipient":
        raise NotFound()
    if view.role == "supporter":
        return _line_back(request, view)
    receipt = reverse("visit-receipt", args=[uid]) if view.receipt_code else _url(uid)
    if view.review is not None and request.method != "POST":
        return HttpResponseRedirect(receipt)
    form = ThanksForm(request.POST if request.method == "POST" else None)
    form.fields[
        "message"
    ].help_text = f"すぐに、{view.supporter['family_name']}さんにだけ届きます。"
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.review_write(
                order_id=form.order,
                visit_uid=uid,
                writer=person,
                rating=said["rating"],
                tags=said["tags"],
                message=said["message"],
                is_public=said["is_public"],
            )
        except NotFound:
            raise
        except Invalid as refusal:
            form.refuse(refusal)
            context = {"visit": view, "form": form, "leave": receipt}
            return render(request, "visits/thanks.html", context, status=422)
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=_url(uid))
        to_office = said["rating"] == 1
        sentence = "事務局に伝えました。お話をうかがいます" if to_office else "お礼を送りました"
        return http.redirect_saying(request, receipt, sentence)
    context = {"visit": view, "form": form, "leave": receipt}
    return render(request, "visits/thanks.html", context, status=422 if form.errors else 200)


@member
def review_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How the visit was for the supporter: opens when the carer has written as well."""
    person, here = person_of(request), _url(uid)
    view = selectors.visit_for(person, uid)
    if view.role != "supporter":
        raise NotFound()
    if view.review_back is not None and request.method != "POST":
        return HttpResponseRedirect(here)
    form = ReviewBackForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.review_write(
                order_id=form.order,
                visit_uid=uid,
                writer=person,
                rating=said["rating"],
                tags=said["tags"],
                message=said["message"],
            )
        except NotFound:
            raise
        except Invalid as refusal:
            form.refuse(refusal)
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=here)
        else:
            to_office = said["rating"] == 1
            sentence = (
                "事務局に伝えました。お話をうかがいます" if to_office else "評価を預かりました"
            )
            return http.redirect_saying(request, here, sentence)
    status = 422 if form.errors else 200
    context = {"visit": view, "form": form, "leave": here}
    return render(request, "visits/review_back.html", context, status=status)


def _line_back(request: HttpRequest, view: selectors.VisitView) -> HttpResponse:
    here = _url(view.uid)
    if request.method != "POST":
        return HttpResponseRedirect(here)
    form = LineBackForm(request.POST)
    if not form.is_valid():
        context = page_of(request, view, line_form=form, form=form)
        return render(request, "visits/supporter.html", context, status=422)
    try:
        services.review_write(
            order_id=form.order,
            visit_uid=view.uid,
            writer=person_of(request),
            message=form.cleaned_data["message"],
        )
    except NotFound:
        raise
    except Invalid as refusal:
        form.refuse(refusal)
        context = page_of(request, view, line_form=form, form=form)
        return render(request, "visits/supporter.html", context, status=422)
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=here)
    return http.redirect_saying(request, here, "お返事を送りました")
