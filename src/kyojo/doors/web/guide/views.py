"""制度をはじめる前に: four questions before a scheme begins, for everyone and without a login.

Answers come from ``guidance``. Nothing is stored: what was told stands in the address, and a pasted
document lives as long as its answer.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.programmes.errors import DocumentUnreadable
from kyojo.civic.programmes.guidance import chooser, payments_law, wages
from kyojo.civic.programmes.guidance import transport as rides
from kyojo.civic.programmes.guidance.data import NOT_ADVICE
from kyojo.civic.programmes.guidance.errors import FactsContradict, RulesUnknown
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel.errors import Refusal

from . import reads
from .forms import (
    ClosenessForm,
    DocumentForm,
    NeedForm,
    PaidForm,
    SampleForm,
    SchemeForm,
    SentForm,
    TransportForm,
    WageForm,
)

WAGE, SCHEME = "wage", "scheme"


def page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """The page; 422 where its form has errors."""
    form = context.get("form")
    status = 422 if isinstance(form, SentForm) and form.is_bound and form.errors else 200
    return render(request, f"guide/{name}.html", context, status=status)


def refused_at(form: SentForm, name: str, refusal: Refusal) -> None:
    """A refusal of a room that knows no form, beside the field that it is about."""
    refusal.field = refusal.field or name
    form.refuse(refusal)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """``/guide/``: what is answered here, what is not, and as of when."""
    return page(request, "index", {"days": reads.days(), "not_advice": NOT_ADVICE})


# --- which currency -------------------------------------------------------------------------------
@require_safe
def currency(request: HttpRequest) -> HttpResponse:
    """``/guide/currency/``: whether one is needed; if so, which kind fits."""
    if not NeedForm.was_sent(request.GET):
        return page(request, "currency", {"form": NeedForm()})
    questions = NeedForm(request.GET)
    if not questions.is_valid():
        return page(request, "currency", {"form": questions})
    answers = questions.cleaned_data
    need = chooser.currency_needed(answers)
    context: dict[str, Any] = {"form": questions, "questions": questions, "need": need}
    if need.way != "currency":
        return page(request, "currency", context | {"books": reads.books(need.source)})
    told = [(name, request.GET[name]) for name in answers]
    form = ClosenessForm(request.GET) if "closeness" in request.GET else ClosenessForm()
    if "step" in request.GET:  # the second button, pressed without a choice
        form = ClosenessForm(request.GET)
    context |= {"form": form, "told": told}
    if form.is_bound and form.is_valid():
        chosen = chooser.currency_choose(form.cleaned_data["closeness"])
        context |= {
            "chosen": chosen,
            "fits": reads.currency_fits(chosen),
            "grades": chooser.figures().closeness,
            "rows": reads.currency_rows(chosen.closeness),
            "books": reads.books(chosen.source),
        }
    return page(request, "currency", context)


# --- paid or not ----------------------------------------------------------------------------------
@require_safe
def paid(request: HttpRequest) -> HttpResponse:
    """``/guide/paid/``: paid, either or unpaid, and the whole figure with one's own cell."""
    form = PaidForm(request.GET) if PaidForm.was_sent(request.GET) else PaidForm()
    chosen = None
    if form.is_bound and form.is_valid():
        chosen = chooser.payment_choose(form.cleaned_data["closeness"], form.cleaned_data["weight"])
    figure = chooser.figures().paid
    return page(
        request,
        "paid",
        {
            "form": form,
            "chosen": chosen,
            "title": reads.PAID_TITLES[chosen.payment] if chosen else "",
            "figure": figure,
            "grades": chooser.figures().closeness,
            "rows": reads.paid_rows(
                chosen.closeness if chosen else "", chosen.weight if chosen else ""
            ),
            "books": reads.books(figure.source),
        },
    )


# --- transport ------------------------------------------------------------------------------------
@require_safe
def transport(request: HttpRequest) -> HttpResponse:
    """``/guide/transport/``: whether a ride needs a registration or a permit, as of a day."""
    form = TransportForm(request.GET) if TransportForm.was_sent(request.GET) else TransportForm()
    context: dict[str, Any] = {"form": form}
    if form.is_bound and form.is_valid():
        as_of = form.cleaned_data["as_of"]
        try:
            answer = rides.transport_answer(form.facts(), as_of)
        except (FactsContradict, RulesUnknown) as refusal:
            refused_at(form, "as_of", refusal)
        else:
            kind, words = reads.TRANSPORT_BANNERS[answer.verdict]
            context |= {
                "answer": answer,
                "as_of": as_of,
                "kind": kind,
                "title": f"{words}{answer.name}",
                "rules": rides.rule_set(as_of),
                "books": reads.books(answer.source, rides.rule_set(as_of).name),
            }
    return page(request, "transport", context)


# --- money ----------------------------------------------------------------------------------------
@require_safe
def money(request: HttpRequest) -> HttpResponse:
    """``/guide/money/``: thanks beside the minimum wage, and what the law on payments asks of a
    document of the house."""
    ids = {"auto_id": "id_wage_%s"}, {"auto_id": "id_scheme_%s"}
    wage, scheme = WageForm(**ids[0]), SampleForm(**ids[1])
    form: SentForm = wage
    context: dict[str, Any] = {}
    # Prefecture and day are asked by both: what only one of them asks tells which was sent.
    if request.GET.get("ask") == SCHEME or "sample" in request.GET:
        form = scheme = SampleForm(request.GET, **ids[1])
        if scheme.is_valid():
            _, document = reads.sample(scheme.cleaned_data["sample"])
            context |= scheme_answered(scheme, document)
    elif WageForm.was_sent(request.GET, WAGE):
        form = wage = WageForm(request.GET, **ids[0])
        if wage.is_valid():
            told = wage.cleaned_data
            check = wages.hourly_check(told["hourly_yen"], told["prefecture"], told["on"])
            context |= wage_shown(check)
    answered = bool(context)
    return page(
        request,
        "money",
        context | {"form": form, "wage": wage, "scheme": scheme, "answered": answered},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def document(request: HttpRequest) -> HttpResponse:
    """``/guide/money/document/``: the same for a document that somebody pastes; it is not kept."""
    if request.method != "POST":
        return page(request, "document", {"form": DocumentForm()})
    form = DocumentForm(request.POST)
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        text = form.cleaned_data["document"]
        try:
            found, faults = reads.tried(text)
        except DocumentUnreadable as refused:
            found, faults = None, reads.unreadable(text, refused)
            refused_at(form, "document", refused)
        if found is not None:
            context |= scheme_answered(form, found)
        elif not form.errors:
            form.add_error(
                "document", f"直すところが{len(faults):,}か所あります。下の表で見られます。"
            )
        context |= {
            "faults": faults[: reads.FAULTS_SHOWN],
            "faults_more": len(faults[reads.FAULTS_SHOWN :]),
        }
    return page(request, "document", context)


def scheme_answered(form: SchemeForm, document: Document) -> dict[str, Any]:
    """What the law on payments asks of ``document``, and what its thanks are beside a wage."""
    told = form.cleaned_data
    try:
        findings = payments_law.payments_questions(
            document,
            told["as_of"],
            issuer=told["issuer"] or None,
            unused_yen=told["unused_yen"],
        )
    except RulesUnknown as refusal:
        refused_at(form, "as_of", refusal)
        return {}
    context: dict[str, Any] = {"findings": findings, "document": document, "as_of": told["as_of"]}
    if told["prefecture"]:
        context |= wage_shown(wages.document_check(document, told["prefecture"], told["as_of"]))
    return context


def wage_shown(check: wages.WageCheck) -> dict[str, Any]:
    return {"check": check, "check_kind": reads.WAGE_KINDS.get(check.status, "warn")}


@require_safe
def sample(request: HttpRequest, code: str) -> HttpResponse:
    """``/guide/samples/<code>/``: what a document of the house says."""
    text, found = reads.sample(code)
    return page(
        request,
        "sample",
        {
            "code": code,
            "document": found,
            "text": text,
            "books": reads.books(*(one.source for one in found.sources)),
        },
    )
