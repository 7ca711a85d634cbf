"""制度と版: every programme with its versions, and new rules tried before they are published."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kyojo.civic.earnings import trial_selectors
from kyojo.civic.earnings.selectors import document_of
from kyojo.civic.municipalities.models import Operator
from kyojo.civic.municipalities.selectors import operators
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.errors import DocumentUnreadable
from kyojo.civic.programmes.models import ProgrammeVersion
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.civic.programmes.rules.reading import dotted
from kyojo.civic.programmes.services import programme_install
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name
from kyojo.kernel.wording import jdate_plain

from ...http import redirect_saying
from ..access import DeskRequest, page, staff
from . import rule_reads, trial, trial_reads
from .forms import RulesForm
from .rule_forms import BeginForm, FiguresForm
from .rules_text import with_values

#: A change since 確かめる: nobody publishes what they have not seen checked.
CHECK_AGAIN = "確かめたあとで、文か日が変わりました。新しい結果を見てから、公開してください。"


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    return page(
        request,
        "points/rules.html",
        "rules",
        {
            "standings": rule_reads.standings(),
            "presets": [(one, rule_reads.kind_of(one)) for one in rule_reads.presets_open()]
            if request.desk.is_officer
            else [],
        },
    )


@staff()
def one(request: DeskRequest, code: str) -> HttpResponse:
    """A programme as it holds today, or the version that the address names."""
    standing = rule_reads.standing(code)
    wanted = request.GET.get("version", "")
    shown = next((one for one in standing.versions if str(one.version) == wanted), standing.shown)
    document = document_of(shown.document)
    return page(
        request,
        "points/rule.html",
        "rules",
        {
            "standing": standing,
            "programme": standing.programme,
            "shown": shown,
            "is_current": shown == standing.current,
            "document": document,
            "kind": rule_reads.kind_of(document),
            "facts": rule_reads.facts(document),
            "is_counted": document.kind != "coin",
        },
    )


# --- new rules ------------------------------------------------------------------------------------


@staff("GET", "POST", officer=True, fresh=True)
def new_version(request: DeskRequest, code: str) -> HttpResponse:
    """Another version of a programme that there is."""
    standing = rule_reads.standing(code)
    from_preset = request.GET.get("from") == "preset" and code in preset_names()
    return _edited(
        request,
        code,
        begin=preset(code) if from_preset else standing.shown.document,
        standing=standing,
        back=reverse("desk-rules-one", kwargs={"code": code}),
    )


@staff("GET", "POST", officer=True, fresh=True)
def new_programme(request: DeskRequest, code: str) -> HttpResponse:
    """A programme that the town does not have yet, from the text of the preset of this code."""
    if code not in preset_names():
        raise NotFound()
    if request.method != "POST" and rule_reads.is_taken(code):
        return redirect("desk-rules-version", code=code)
    return _edited(request, code, begin=preset(code), standing=None, back=reverse("desk-rules-all"))


@staff("GET", "POST", officer=True, fresh=True)
def begin_programme(request: DeskRequest, code: str) -> HttpResponse:
    """The same by a form: names, who runs it, from when, and figures; the rest is the preset's."""
    if code not in preset_names():
        raise NotFound()
    text = preset(code)
    document = document_of(text)
    is_taken = rule_reads.is_taken(code)
    if document.kind == "coin" and is_taken:
        return redirect("desk-rules-version", code=code)
    choices = [(str(one.pk), one.name) for one in operators()]
    initial = {
        "name": document.name,
        "code": "" if is_taken else code,
        "unit": document.unit,
        "effective_from": clock.today(),
    }
    form = BeginForm(
        document,
        request.POST or None,
        initial=initial,
        operators=choices,
        deposits=rule_reads.deposits(),
    )
    if request.method == "POST" and form.is_valid():
        made = with_values(text, form.values())
        result = trial.tried(made, None, now=None, programme=None)
        if _told(form, result):
            day = form.cleaned_data["effective_from"]
            said = {
                "operator": form.cleaned_data["operator"],
                "document": made,
                "effective_from": day,
                "seen": trial.digest(made, day) if result.is_good else "",
            }
            edited = RulesForm(initial=said, operators=choices)
            back = reverse("desk-rules-begin", kwargs={"code": code})
            return _drawn(request, code, edited, result, None, back, 200)
    return page(
        request,
        "points/rule_begin.html",
        "rules",
        {"form": form, "code": code, "document": document, "is_taken": is_taken},
        status=422 if form.errors else 200,
    )


def _told(form: BeginForm, result: trial.Trial) -> bool:
    """Whether no mistake is one of the form's own fields; those are said beside them."""
    fields = {one.path: one.name for one in form.figures}
    fields |= {(name,): name for name in ("code", "name", "unit", "summary")}
    fields |= {("currency",): "code", ("counted",): "unit"}
    fields |= {("thanks", name): name for name in ("share", "share_percent", "deposit_in")}
    names = {dotted(path): name for path, name in fields.items()}
    for fault in result.faults:
        name = names.get(fault.key)
        if name in form.fields:
            form.add_error(name, f"ここに書けるのは、{fault.allowed}です。")
    return not form.errors


def _edited(
    request: DeskRequest,
    code: str,
    *,
    begin: str,
    standing: rule_reads.Standing | None,
    back: str,
) -> HttpResponse:
    choices = [] if standing else [(str(one.pk), one.name) for one in operators()]
    years = _years(standing)
    if request.method != "POST":
        day = rule_reads.next_begin() if standing else clock.today()
        initial = {"document": begin, "effective_from": day}
        form = RulesForm(initial=initial, operators=choices, years=years)
        return _drawn(request, code, form, None, standing, back, 200)
    form = RulesForm(request.POST, operators=choices, years=years)
    result = None
    if form.is_valid():
        text, day = form.cleaned_data["document"], form.cleaned_data["effective_from"]
        if standing is None and request.POST.get("do") == "publish":
            twice = rule_reads.published(text, day)
            if twice is not None:
                return _said(request, twice)
        try:
            if standing:
                result = trial.tried(
                    text,
                    code,
                    now=standing.document,
                    programme=standing.programme,
                    year=form.tried_year,
                )
            else:
                result = trial.tried(text, None, now=None, programme=None)
        except DocumentUnreadable as refused:
            form.refuse(_at(refused, "document"))
        asked = trial_reads.file_asked(request.POST)
        if asked and result is not None and result.is_good:
            taken = trial_reads.file_of(request, asked, result, code)
            if taken is not None:
                return taken
        if result is not None and result.is_good and request.POST.get("do") == "publish":
            if form.cleaned_data["seen"] != trial.digest(text, day):
                form.add_error(None, CHECK_AGAIN)
            else:
                assert result.document is not None
                published = _published(request, result.document.code, form, standing)
                if published is not None:
                    return _said(request, published)
                result = None
        form.data = form.data.copy()
        form.data["seen"] = trial.digest(text, day) if result and result.is_good else ""
    is_good = result is not None and result.is_good and not form.errors
    status = 200 if is_good else 422
    return _drawn(request, code, form, result, standing, back, status)


def _years(standing: rule_reads.Standing | None) -> list[tuple[str, str]]:
    """The fiscal years over which new rules can be tried; none of a programme not yet begun."""
    if standing is None or standing.document.kind == "coin":
        return []
    found = trial_selectors.years(standing.programme)
    return [(str(year), fiscal_year_name(year)) for year in found]


def _said(request: DeskRequest, published: ProgrammeVersion) -> HttpResponse:
    path = reverse("desk-rules-one", kwargs={"code": published.programme.code})
    day = jdate_plain(published.effective_from)
    return redirect_saying(request, path, f"第{published.version}版を公開しました。{day}からです")


def _at(refused: Refusal, field: str) -> Refusal:
    refused.field = field
    return refused


def _published(
    request: DeskRequest, code: str, form: RulesForm, standing: rule_reads.Standing | None
) -> ProgrammeVersion | None:
    """The version; None where the rules of programmes refuse it, said beside its field."""
    data = form.cleaned_data
    operator = (
        standing.programme.operator if standing else Operator.objects.get(pk=data["operator"])
    )
    before = ProgrammeVersion.objects.filter(programme__code=code).count()
    try:
        with transaction.atomic():
            version = programme_install(
                operator=operator,
                code=code,
                document=data["document"],
                effective_from=data["effective_from"],
            )
            if ProgrammeVersion.objects.filter(programme__code=code).count() > before:
                act_record(
                    actor=request.desk.user,
                    action="rules_published",
                    subject_kind="programme",
                    subject_id=code,
                    note=f"{version.programme.name} 第{version.version}版 "
                    f"{version.effective_from:%Y-%m-%d}から",
                )
    except NotFound:
        raise
    except Refusal as refused:
        dated = refused.code.startswith("programme_version")
        form.refuse(_at(refused, "effective_from" if dated else "document"))
        return None
    return version


def _drawn(
    request: DeskRequest,
    code: str,
    form: RulesForm,
    result: trial.Trial | None,
    standing: rule_reads.Standing | None,
    back: str,
    status: int,
) -> HttpResponse:
    context: dict[str, Any] = {
        "code": code,
        "form": form,
        "trial": result,
        "standing": standing,
        "is_coin": bool(standing and standing.document.kind == "coin"),
        "back_url": back,
        "name": _name(code, standing, result),
        "has_preset": standing is not None and code in preset_names(),
    }
    if result is not None and result.document is not None:
        if result.help is not None:
            context["help"] = trial_reads.help_context(result.help, result.document)
        if result.paid is not None:
            context["mine"] = result.paid.people[: trial_reads.SHOWN_MOST]
    return page(request, "points/rule_edit.html", "rules", context, status=status)


def _name(code: str, standing: rule_reads.Standing | None, result: trial.Trial | None) -> str:
    if standing:
        return standing.document.name
    if result and result.document:
        return result.document.name
    return document_of(preset(code)).name


# --- figures --------------------------------------------------------------------------------------


@staff("GET", "POST", officer=True, fresh=True)
def figures(request: DeskRequest, code: str) -> HttpResponse:
    """The main figures as a form: what they make of the text is then checked like any other."""
    standing = rule_reads.standing(code)
    document = standing.document
    if document.kind == "coin":
        raise NotFound()
    form = FiguresForm(document, request.POST or None, deposits=rule_reads.deposits())
    if request.method == "POST" and form.is_valid():
        text = with_values(standing.shown.document, form.values())
        result = trial.tried(text, code, now=standing.document, programme=standing.programme)
        return changed(request, standing, text, result)
    return page(
        request,
        "points/rule_figures.html",
        "rules",
        {"form": form, "code": code, "document": document},
        status=422 if form.errors else 200,
    )


def changed(
    request: DeskRequest, standing: rule_reads.Standing, text: str, result: trial.Trial
) -> HttpResponse:
    """The next version as a form made it, with what came of trying it: to be published or changed
    further."""
    code, day = standing.programme.code, rule_reads.next_begin()
    edited = RulesForm(
        years=_years(standing),
        initial={
            "document": text,
            "effective_from": day,
            "seen": trial.digest(text, day) if result.is_good else "",
        },
        operators=[],
    )
    back = reverse("desk-rules-one", kwargs={"code": code})
    return _drawn(request, code, edited, result, standing, back, 200)
