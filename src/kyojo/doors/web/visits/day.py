"""The supporter's presses on the day."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.help.support import selectors, services
from kyojo.help.support.errors import CodeLocked, CodeWrong, FarFromPlace, ProofMissing
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import member, person_of, pressed
from .device import pressed_with
from .forms import CodeForm, EndForm, LateForm, PressForm, StartForm, StopForm
from .views import page_of, sending_set


def _supporters(request: HttpRequest, uid: UUID) -> selectors.VisitView:
    view = selectors.visit_for(person_of(request), uid)
    if view.role != "supporter":
        raise NotFound()
    return view


def _url(uid: UUID) -> str:
    return reverse("visit", args=[uid])


@require_POST
@member
def heading(request: HttpRequest, uid: UUID) -> HttpResponse:

    def set_out() -> None:
        services.visit_heading(visit_uid=uid, supporter=person_of(request))
        sending_set(request, uid, still=False)

    return pressed(
        request,
        set_out,
        back=_url(uid),
        to=_url(uid),
        sentence="向かっていることを伝えました。気をつけて行ってらっしゃい",
    )


@require_POST
@member
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = _supporters(request, uid)
    by_code = "code" in request.POST
    form = (CodeForm if by_code else StartForm)(request.POST)
    name = "code_form" if by_code else "start_form"
    if not form.is_valid():
        return _again(request, view, name, form, status=422)
    pressed_with(request, uid, "start")
    try:
        services.visit_check_in(
            visit_uid=uid,
            supporter=person_of(request),
            nonce=form.press_id,
            position=form.where,
            code=form.cleaned_data.get("code", ""),
            tag=form.tag,
            device_at=form.pressed_at,
            was_kept=form.was_kept,
            # Nobody can be asked any more about a press that was kept.
            far_is_meant=form.was_kept or bool(form.cleaned_data.get("anyway")),
        )
    except NotFound:
        raise
    except (CodeWrong, CodeLocked) as refusal:
        if is_kept(request):
            return _refused(request, uid, refusal)
        form.refuse(refusal)
        return _again(request, view, name, form, status=422)
    except ProofMissing as refusal:
        if is_kept(request):
            return _refused(request, uid, refusal)
        empty = CodeForm(data={"code": ""})
        empty.full_clean()
        empty.errors.clear()
        empty.refuse(refusal)
        return _again(request, view, "code_form", empty, status=422)
    except FarFromPlace as refusal:
        return _again(request, view, name, form, status=409, far=http.said(refusal))
    except Refusal as refusal:
        return _refused(request, uid, refusal)
    if is_kept(request):
        return JsonResponse({"state": "started"})
    return http.redirect_saying(request, _url(uid), "始まりました。たのんだ人にも伝えました")


def is_kept(request: HttpRequest) -> bool:
    """Whether visit.js sends what it had kept without network, and reads the answer itself."""
    return "X-Kept" in request.headers


def kept_refused(refusal: Refusal) -> JsonResponse:
    """What visit.js reads of a press that was kept and cannot be taken."""
    return JsonResponse({"code": refusal.code, "said": http.said(refusal)}, status=409)


def _refused(request: HttpRequest, uid: UUID, refusal: Refusal) -> HttpResponse:
    if is_kept(request):
        return kept_refused(refusal)
    return http.page_refused(request, refusal, back=_url(uid))


def _again(
    request: HttpRequest,
    view: selectors.VisitView,
    name: str,
    form: PressForm,
    *,
    status: int,
    far: str = "",
) -> HttpResponse:
    """The visit's page once more, with what was typed and the sentence beside it."""
    fresh = selectors.visit_for(person_of(request), view.uid)
    card = {"card": form.data.get("card", "")}  # what was read at the door stays with every button
    again = {name: form, "form": form, "far": far, "press_form": PressForm(initial=card)}
    context = page_of(request, fresh, **again)
    return render(request, "visits/supporter.html", context, status=status)


@require_POST
@member
def end(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = _supporters(request, uid)
    by_code = "code" in request.POST
    form = (CodeForm if by_code else EndForm)(request.POST)
    name = "end_code_form" if by_code else "end_form"
    if not form.is_valid():
        return _again(request, view, name, form, status=422)
    return _finish(request, uid, form, name)


def _finish(request: HttpRequest, uid: UUID, form: PressForm, name: str) -> HttpResponse:
    pressed_with(request, uid, "end")
    try:
        services.visit_check_out(
            visit_uid=uid,
            supporter=person_of(request),
            nonce=form.press_id,
            position=form.where,
            code=form.cleaned_data.get("code", ""),
            tag=form.tag,
            device_at=form.pressed_at,
            was_kept=form.was_kept,
            note=form.cleaned_data.get("note", ""),
        )
    except NotFound:
        raise
    except (CodeWrong, CodeLocked) as refusal:
        if is_kept(request):
            return _refused(request, uid, refusal)
        form.refuse(refusal)
        return _again(request, _supporters(request, uid), name, form, status=422)
    except Refusal as refusal:
        return _refused(request, uid, refusal)
    if is_kept(request):
        return JsonResponse({"state": "ended"})
    return http.redirect_saying(request, _url(uid), "おつかれさまでした。確認をお願いしました")


@require_POST
@member
def position(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Where the phone is, sent by the open page. 204 when it was kept, 205 when it is time to
    stop sending."""
    _supporters(request, uid)
    form = PressForm(request.POST)
    if not form.is_valid() or form.where is None:
        return HttpResponse(status=422)
    pressed_with(request, uid, "during")
    try:
        kept = services.visit_position(
            visit_uid=uid,
            supporter=person_of(request),
            nonce=form.press_id,
            position=form.where,
            device_at=form.pressed_at,
        )
    except NotFound:
        raise
    except Refusal:
        return HttpResponse(status=422)
    return HttpResponse(status=204 if kept else 205)


@require_POST
@member
def sending(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Stop sending positions from this phone, or begin again."""
    _supporters(request, uid)
    still = request.POST.get("send") != "on"
    sending_set(request, uid, still=still)
    said = "位置を送るのをやめました" if still else "位置を送ります"
    return http.redirect_saying(request, _url(uid), said)


@member
def late(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = _supporters(request, uid)
    form = LateForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return pressed(
            request,
            lambda: services.visit_late_tell(
                visit_uid=uid, supporter=person_of(request), minutes=form.cleaned_data["minutes"]
            ),
            back=_url(uid),
            to=_url(uid),
            sentence="遅れることを伝えました。あわてずにどうぞ",
        )
    status = 422 if form.errors else 200
    return render(request, "visits/late.html", {"visit": view, "form": form}, status=status)


@member
def stop(request: HttpRequest, uid: UUID) -> HttpResponse:
    """途中でやめる: the visit ends now, with a word about why."""
    view = _supporters(request, uid)
    if view.state != "started":
        return HttpResponseRedirect(_url(uid))
    form = StopForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return _finish(request, uid, form, "end_form")
    status = 422 if form.errors else 200
    return render(request, "visits/stop.html", {"visit": view, "form": form}, status=status)
