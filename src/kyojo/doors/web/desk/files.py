"""A list given as a file; before a Shift-JIS file, what it would replace."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse

from kyojo.civic.people.services import act_record

from ..security.proving import desk_asks
from . import export
from .access import DeskRequest, page
from .listing import Listing


def file_of(
    request: DeskRequest, listing: Listing, *, name: str, title: str, here: str
) -> HttpResponse | None:
    """The file that the address asks for with ``format``, or None: then draw the page.

    A Shift-JIS file that would replace characters is given only after its reader has seen them.
    Taking a list away goes on record.
    """
    kind = request.GET.get("format", "")
    if kind not in export.FORMATS:
        return None
    columns, rows = listing.columns, listing.rows
    # A list of people leaves the house: whoever takes it shows once more who they are.
    asked = desk_asks(request, fresh=True)
    if asked is not None:
        return asked
    if kind == "sjis" and request.GET.get("go") != "1":
        _, replaced = export.substitutions(export.table_texts(columns, rows))
        if replaced:
            return _substitutions(request, listing, replaced, title=title, here=here)
    act_record(
        actor=request.desk.user,
        action="list_taken",
        subject_kind="list",
        subject_id=name,
        note=f"{kind} {len(rows)}",
    )
    return export.table_file(kind, name=f"kyojo-{name}", title=title, columns=columns, rows=rows)


def _substitutions(
    request: DeskRequest, listing: Listing, replaced: Sequence[Any], *, title: str, here: str
) -> HttpResponse:
    return page(
        request,
        "substitutions.html",
        here,
        {
            "title": title,
            "replaced": replaced,
            "go": listing.address(format="sjis", go="1"),
            "utf8": listing.address(format="csv"),
            "back_url": listing.address(),
        },
    )
