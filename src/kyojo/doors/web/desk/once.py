"""都度ボランティア: who applied to help once, telephoned, settled or thanked with a no; requests
shown to everybody for the carer who asked for it by telephone."""

from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import act_record
from kyojo.help.matching import posting_selectors as selectors
from kyojo.help.matching import services as matching
from kyojo.help.matching.applicants import Applicant, applicant_of
from kyojo.help.matching.models import Application, Posting
from kyojo.help.matching.one_off import WAITING
from kyojo.help.matching.services.posting import may_be_posted
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.services import application_decide
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Choice, Form
from ..http import page_refused, redirect_saying
from .access import DeskRequest, page, staff
from .forms import basis_field, radio

NEW = "new"


class DecideForm(Form):
    context: ClassVar[str] = "decide_form"
    member = radio(label="会員ですか")
    method = forms.CharField(
        label="本人確認のしかた",
        max_length=60,
        help_text="番号は書かないでください。例：窓口で運転免許証を見た",
    )
    address = forms.CharField(
        label="住所",
        max_length=200,
        required=False,
        help_text="はじめての人は、見せてもらった証の住所を入れます。",
    )
    area = forms.ChoiceField(label="住んでいる地区", required=False)
    basis = basis_field()

    def __init__(self, *args: Any, likely: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        member = cast(forms.ChoiceField, self.fields["member"])
        member.choices = [
            *(
                (
                    str(one.uid),
                    Choice(f"{one.name}（{one.number}）", "生年月日とふりがなが同じ会員"),
                )
                for one in likely
            ),
            (NEW, Choice("はじめての人", "会員番号を作ります")),
        ]
        if not likely:
            member.initial, member.widget = NEW, forms.HiddenInput()
        self.fields["address"].required = not likely
        area = cast(forms.ChoiceField, self.fields["area"])
        areas = Area.objects.filter(kind=Area.Kind.LIVING_AREA)
        area.choices = [("", "このほか、市の外"), *((str(one.pk), one.name) for one in areas)]

    def given(self) -> dict[str, Any]:
        """What ``application_decide`` takes."""
        data = self.cleaned_data
        return {
            "basis": data["basis"],
            "method": data["method"],
            "address": data["address"],
            "area": Area.objects.get(pk=data["area"]) if data["area"] else None,
            "member_uid": None if data["member"] == NEW else UUID(data["member"]),
        }


class RefuseForm(Form):
    context: ClassVar[str] = "refuse_form"
    answer = forms.CharField(
        label="お返事",
        max_length=300,
        initial="申し込んでくださり、ありがとうございます。今回は、おうけできませんでした。",
        help_text="申し込んだ人のページに、このまま出ます。",
        widget=forms.Textarea,
    )


class PostForm(Form):
    context: ClassVar[str] = "post_form"
    basis = basis_field()


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    waiting = selectors.applications_waiting()
    return page(
        request,
        "once.html",
        "requests",
        {
            "waiting": [_row(one) for one in waiting],
            "answered": [_row(one) for one in selectors.applications_answered()],
            "postings": selectors.postings_open(),
        },
    )


def _row(application: Application) -> dict[str, Any]:
    """A line of the list: what and when; who it is shows on its own page, which goes on record."""
    posting = application.posting
    return {
        "one": application,
        "posting": posting,
        "category": category(posting.category),
        "waited": clock.now() - application.applied_at,
    }


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    return _one(request, selectors.application_by_uid(uid))


def _one(
    request: DeskRequest, application: Application, *shown: Form, status: int = 200
) -> HttpResponse:
    """One application. That it is shown goes on record, since name and telephone show."""
    act_record(
        actor=request.desk.user,
        action="application_opened",
        subject_kind="application",
        subject_id=application.uid,
    )
    who: Applicant | None = applicant_of(application)
    likely = selectors.members_like(who) if who is not None else []
    made: list[Form] = [DecideForm(likely=likely), RefuseForm()]
    by_name = {form.context: form for form in (*made, *shown)}  # type: ignore[attr-defined]
    posting = application.posting
    return page(
        request,
        "once_one.html",
        "requests",
        {
            "application": application,
            "who": who,
            "age": clock.age_on(who.birth_date, posting.starts_at.date()) if who else None,
            "posting": posting,
            "category": category(posting.category),
            "asked": HelpRequest.objects.filter(uid=posting.request_uid).first(),
            "is_open": application.state in WAITING and selectors.is_open(posting),
            "waits": application.state in WAITING,
            "likely": likely,
            "form": shown[0] if shown else None,
            **by_name,
        },
        status=status,
    )


@staff("POST")
def called(request: DeskRequest, uid: UUID) -> HttpResponse:
    there = reverse("desk-once-one", kwargs={"uid": uid})
    try:
        matching.application_called(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=there)
    return redirect_saying(request, there, "お電話したことを記録しました")


@staff("POST")
def decide(request: DeskRequest, uid: UUID) -> HttpResponse:
    """They come: after the telephone and the look at who they are."""
    application = selectors.application_by_uid(uid)
    who = applicant_of(application)
    likely = selectors.members_like(who) if who is not None else []
    form = DecideForm(request.POST, likely=likely)
    if form.is_valid():
        try:
            visit = application_decide(
                uid=uid,
                by=request.desk.user,
                others=[one.uid for one in likely if str(one.uid) in request.POST.getlist("seen")],
                **form.given(),
            )
        except NotFound:
            raise
        except Refusal as refused:
            # Somebody like them may be a member only since the form was made.
            again = selectors.members_like(who) if who is not None else []
            form = DecideForm(request.POST, likely=again)
            form.full_clean()
            form.refuse(refused)
        else:
            return redirect_saying(
                request,
                reverse("desk-visit", kwargs={"uid": visit.uid}),
                "この人に決めました。行き先は、お電話でお伝えください",
            )
    return _one(request, application, form, status=422)


@staff("POST")
def refuse(request: DeskRequest, uid: UUID) -> HttpResponse:
    application = selectors.application_by_uid(uid)
    form = RefuseForm(request.POST)
    if form.is_valid():
        try:
            matching.application_refuse(
                uid=uid, by=request.desk.user, answer=form.cleaned_data["answer"]
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, "desk-once", "お返事を届けました")
    return _one(request, application, form, status=422)


# --- showing a request ----------------------------------------------------------------------------
def shown_of(found: HelpRequest) -> dict[str, Any]:
    """What the page of a request says about showing it to everybody."""
    posting: Posting | None = selectors.posting_standing(found)
    with tenant(found.place_municipality_id):
        may = may_be_posted(found)
    return {"posting": posting, "may_be_posted": may, "post_form": PostForm()}


@staff("POST")
def post(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Show a request to everybody, or no longer, for the carer who wants it so."""
    there = reverse("desk-request", kwargs={"uid": uid})
    basis = request.POST.get("basis", "")
    act = matching.posting_close if "close" in request.POST else matching.posting_open
    try:
        act(request_uid=uid, by=request.desk.user, basis=basis)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=there)
    closed = "close" in request.POST
    return redirect_saying(
        request, there, "募集をやめました" if closed else "都度ボランティアの募集にのせました"
    )
