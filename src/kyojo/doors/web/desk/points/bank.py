"""全銀: the banks' file of what was approved to be paid in money. Municipal officers only."""

from datetime import date
from typing import Any

from django.http import HttpResponse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.services.paying import OFFICE_ITEMS as ITEMS
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers import zengin
from kyojo.civic.programmes.papers.errors import Problem, TransferInvalid
from kyojo.kernel.errors import Refusal

from ...forms import Form
from ...http import as_file
from ..access import DeskRequest, page
from .shared import Frame, number_of, of_programme
from .uses_forms import BankForm, PayOnForm

ACCOUNTS = {1: "普通", 2: "当座", 9: "そのほか"}
#: The bank file's items that the form's fields fill.
OFFICE_ITEMS = {item: BankForm.FIELDS[field] for item, field in ITEMS.items()}


def _cash(frame: Frame) -> list[tuple[Redemption, services.Payee]]:
    """What waits to be paid, the oldest first. What has no bank account any more is left out."""
    found = selectors.redemptions(programme=frame.ruled.programme, state="approved")
    rows = [(one, services.payee_of(one)) for one in reversed(found) if one.use == "cash"]
    return [(one, payee) for one, payee in rows if payee is not None]


@of_programme("GET", "POST", officer=True)
def transfers(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The form for when, and for whose account pays as long as it is not known; POST answers with
    the file, which goes on record."""
    rows = _cash(frame)
    known = services.office_account_of(frame.ruled.programme)
    form = (PayOnForm if known else BankForm)(request.POST or None)
    problems: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and rows:
            try:
                sender = known or given_account(request, frame, form)
                content = _file(rows, sender, form.cleaned_data["pay_on"])
            except TransferInvalid as refused:
                problems = _problems(form, rows, refused)
            except Refusal as refused:
                form.refuse(refused)
            else:
                return _given(request, frame, rows, content)
    return page(
        request,
        "points/bank.html",
        "points",
        {
            **frame.context(),
            "form": form,
            "account": known,
            "account_kind": ACCOUNTS.get(known.account_type, "") if known else "",
            "count": len(rows),
            "yen": sum(one.value_yen for one, _ in rows),
            "problems": problems,
        },
        status=status,
    )


def given_account(request: DeskRequest, frame: Frame, form: BankForm | PayOnForm) -> zengin.Sender:
    """The account as it was typed, and kept where that was wished."""
    assert isinstance(form, BankForm)
    sender = form.sender()
    if form.cleaned_data["keep"]:
        services.office_account_set(programme_code=frame.code, account=sender, by=request.desk.user)
    return sender


def _file(rows: list[tuple[Redemption, services.Payee]], sender: zengin.Sender, on: date) -> bytes:
    payees = [
        payee.paid(
            one.value_yen, "".join(char for char in one.person.number if char.isdigit())[-10:]
        )
        for one, payee in rows
    ]
    total = sum(one.value_yen for one, _ in rows)
    return zengin.write(sender, payees, on=on, total_yen=total)


def _problems(
    form: Form, rows: list[tuple[Redemption, services.Payee]], refused: TransferInvalid
) -> list[dict[str, Any]]:
    """What is wrong with our own account goes beside its field; the payees' parts are listed."""
    found = []
    for problem in refused.problems:
        if problem.row:
            found.append(_of_payee(rows[problem.row - 1][0], problem))
        else:
            field = OFFICE_ITEMS.get(problem.item, "pay_on")
            form.add_error(field if field in form.fields else None, problem.why)
    return found


def _of_payee(one: Redemption, problem: Problem) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "number": number_of(one),
        "item": problem.item,
        "why": problem.why,
    }


def _given(
    request: DeskRequest,
    frame: Frame,
    rows: list[tuple[Redemption, services.Payee]],
    content: bytes,
) -> HttpResponse:
    total = sum(one.value_yen for one, _ in rows)
    act_record(
        actor=request.desk.user,
        action="bank_file_taken",
        subject_kind="programme",
        subject_id=frame.code,
        note=f"{len(rows)}件 {total:,}円",
    )
    return file_answer(content)


def file_answer(content: bytes) -> HttpResponse:
    """A bank's file to take away."""
    kind = "text/plain; charset=Shift_JIS"
    return as_file(content, "kyojo-sogo-furikomi.txt", kind, cache="no-store")
