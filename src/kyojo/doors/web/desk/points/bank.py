"""全銀: the banks' file of what was approved to be paid in money. Municipal officers only."""

from typing import Any

from django.http import HttpResponse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers import zengin
from kyojo.civic.programmes.papers.errors import Problem, TransferInvalid

from ..access import DeskRequest, page
from .forms import BankForm
from .shared import Frame, number_of, of_programme


def _cash(frame: Frame) -> list[tuple[Redemption, services.Payee]]:
    """What waits to be paid, the oldest first. What has no bank account any more is left out."""
    found = selectors.redemptions(programme=frame.ruled.programme, state="approved")
    rows = [(one, services.payee_of(one)) for one in reversed(found) if one.use == "cash"]
    return [(one, payee) for one, payee in rows if payee is not None]


@of_programme("GET", "POST", officer=True)
def transfers(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The form for whose account pays; POST answers with the file, which goes on record."""
    rows = _cash(frame)
    form = BankForm(request.POST or None)
    problems: list[dict[str, Any]] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and rows:
            try:
                content = _file(rows, form.cleaned_data)
            except TransferInvalid as refused:
                problems = _problems(form, rows, refused)
            else:
                return _given(request, frame, rows, content)
    return page(
        request,
        "points/bank.html",
        "points",
        {
            **frame.context(),
            "form": form,
            "count": len(rows),
            "yen": sum(one.value_yen for one, _ in rows),
            "problems": problems,
        },
        status=status,
    )


def _file(rows: list[tuple[Redemption, services.Payee]], data: dict[str, Any]) -> bytes:
    sender = zengin.Sender(
        code=data["sender_code"],
        name=data["sender_name"],
        bank_code=data["bank"],
        bank_name=data["bank_kana"],
        branch_code=data["branch"],
        branch_name=data["branch_kana"],
        account_type=int(data["kind"]),
        account_number=data["account"],
    )
    payees = [
        zengin.Payee(
            bank_code=payee.bank,
            bank_name=payee.bank_kana,
            branch_code=payee.branch,
            branch_name=payee.branch_kana,
            account_type=int(payee.kind),
            account_number=payee.number,
            holder=payee.holder_kana,
            yen=one.value_yen,
            customer_code="".join(char for char in one.person.number if char.isdigit())[-10:],
        )
        for one, payee in rows
    ]
    total = sum(one.value_yen for one, _ in rows)
    return zengin.write(sender, payees, on=data["pay_on"], total_yen=total)


def _problems(
    form: BankForm, rows: list[tuple[Redemption, services.Payee]], refused: TransferInvalid
) -> list[dict[str, Any]]:
    """What is wrong with our own account goes beside its field; the payees' parts are listed."""
    found = []
    for problem in refused.problems:
        if problem.row:
            found.append(_of_payee(rows[problem.row - 1][0], problem))
        else:
            form.add_error(form.ITEMS.get(problem.item), problem.why)
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
    response = HttpResponse(content, content_type="text/plain; charset=Shift_JIS")
    response["Content-Disposition"] = 'attachment; filename="kyojo-sogo-furikomi.txt"'
    response["Cache-Control"] = "no-store"
    return response
