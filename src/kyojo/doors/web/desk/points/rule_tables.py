"""きまりを足す: a table that a document lacks, added by a form and checked like any text."""

from django.http import HttpResponse

from kyojo.kernel.errors import NotFound

from ..access import DeskRequest, page, staff
from . import rule_reads, rules, trial
from .rule_table_forms import Optional, TableForm, addable
from .rules_text import with_tables


@staff(officer=True)
def listed(request: DeskRequest, code: str) -> HttpResponse:
    """What can be added to the document that holds."""
    document = _standing(code).document
    context = {"code": code, "document": document, "tables": addable(document)}
    return page(request, "points/rule_tables.html", "rules", context)


def _standing(code: str) -> rule_reads.Standing:
    standing = rule_reads.standing(code)
    if standing.document.kind == "coin":
        raise NotFound()
    return standing


@staff("GET", "POST", officer=True, fresh=True)
def add(request: DeskRequest, code: str, table: str) -> HttpResponse:
    """The form of one table; what it makes of the text is then checked, and changed like any."""
    standing = _standing(code)
    one = next((one for one in addable(standing.document) if one.name == table), None)
    if one is None:
        raise NotFound()
    form = one.form(request.POST or None, document=standing.document)
    if request.method == "POST" and form.is_valid():
        text = with_tables(standing.shown.document, one.name, form.tables(), many=one.many)
        result = trial.tried(text, code, now=standing.document, programme=standing.programme)
        if not _told(form, one, result):
            return rules.changed(request, standing, text, result)
    return page(
        request,
        "points/rule_table.html",
        "rules",
        {"form": form, "code": code, "document": standing.document, "table": one},
        status=422 if form.errors else 200,
    )


def _told(form: TableForm, one: Optional, result: trial.Trial) -> bool:
    """Whether a mistake is one of the new table's own; it is said beside its box."""
    for fault in result.faults:
        parts = fault.key.replace("[", ".").split(".")
        if parts[0] != one.name:
            continue
        names = [f"rate_{parts[-1]}", *reversed(parts)]
        field = next((name for name in names if name in form.fields), None)
        form.add_error(field, f"ここに書けるのは、{fault.allowed}です。")
    return bool(form.errors)
