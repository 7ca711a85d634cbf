"""要綱 and 新旧対照表 of a programme, to take away as PDF or Word."""

from django.http import HttpResponse

from kyojo.civic.earnings.selectors import document_of
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.papers.differences import differences
from kyojo.civic.programmes.papers.outline import Names, Outline, outline
from kyojo.civic.programmes.papers.pdf import differences_pdf, outline_pdf
from kyojo.civic.programmes.papers.word import differences_docx, outline_docx
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ...http import as_file
from ..access import DeskRequest, staff
from . import rule_reads

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@staff()
def outline_of(request: DeskRequest, code: str, version: int, form: str) -> HttpResponse:
    """The outline (要綱) that a version amounts to."""
    standing = rule_reads.standing(code)
    made = _outline(standing, _version(standing, version))
    content = _written(form, pdf=outline_pdf, docx=outline_docx)(made, made_on=clock.today())
    return _given(content, f"{code}-youkou-{version}.{form}", form)


@staff()
def compared(request: DeskRequest, code: str, version: int, form: str) -> HttpResponse:
    """The table of old and new (新旧対照表): a version beside the one before it."""
    standing = rule_reads.standing(code)
    new = _version(standing, version)
    old = _version(standing, version - 1)
    table = differences(_outline(standing, old), _outline(standing, new))
    content = _written(form, pdf=differences_pdf, docx=differences_docx)(
        table, made_on=clock.today()
    )
    return _given(content, f"{code}-shinkyu-{version}.{form}", form)


def _version(standing: rule_reads.Standing, number: int) -> ProgrammeVersion:
    for one in standing.versions:
        if one.version == number:
            return one
    raise NotFound()


def _outline(standing: rule_reads.Standing, version: ProgrammeVersion) -> Outline:
    return outline(
        document_of(version.document),
        effective_from=version.effective_from,
        names=Names(
            operator=standing.programme.operator.name,
            categories={one.code: one.name for one in CATEGORIES},
            programmes=dict(Programme.objects.values_list("code", "name")),
        ),
    )


def _written(form: str, **ways):  # type: ignore[no-untyped-def]
    if form not in ways:
        raise NotFound()
    return ways[form]


def _given(content: bytes, name: str, form: str) -> HttpResponse:
    return as_file(content, name, TYPES[form])
