"""振込元の口座: the account from which a programme's office pays. Municipal officers only."""

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import services
from kyojo.civic.people.services import act_record
from kyojo.kernel.errors import NotFound, Refusal

from ...http import redirect_saying
from ..access import DeskRequest, page
from .shared import Frame, of_programme
from .uses_forms import AccountForm


@of_programme("GET", "POST", officer=True)
def one(request: DeskRequest, frame: Frame) -> HttpResponse:
    """The account, to be looked at and changed. Opening it goes on record, since it shows."""
    known = services.office_account_of(frame.ruled.programme)
    status = 200
    if request.method != "POST":
        if known is not None:
            act_record(
                actor=request.desk.user,
                action="office_account_opened",
                subject_kind="programme",
                subject_id=frame.code,
            )
        form = AccountForm.begin(known)
    else:
        status, form = 422, AccountForm(request.POST)
        if form.is_valid():
            try:
                services.office_account_set(
                    programme_code=frame.code, account=form.sender(), by=request.desk.user
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                path = reverse("desk-points-applications", kwargs={"code": frame.code})
                return redirect_saying(request, path, "振込元の口座を記録しました")
    return page(
        request,
        "points/office_account.html",
        "points",
        {**frame.context(), "form": form, "is_known": known is not None},
        status=status,
    )
