"""まとめて完了: many approved applications paid or handed out under one number. Officers only."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.people.models import Act
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.wording import jmoment

from ...forms import Choice
from ...http import redirect_saying
from ..access import DeskRequest, page
from .shared import Frame, number_of, of_programme, use_name
from .uses_forms import PaidForm

#: At most so many boxes on a page; the rest follows when these are done.
MOST = 300
FILE = "file-"


@of_programme("GET", "POST", officer=True)
def done(request: DeskRequest, frame: Frame) -> HttpResponse:
    """Tick what was paid, or take all of the bank's last file. Sent twice: done once."""
    programme = frame.ruled.programme
    found = selectors.redemptions(programme=programme, state=Redemption.State.APPROVED)[::-1]
    act, in_file = _of_file(frame, found)
    file = _file_choice(act, in_file) if act and in_file else None
    form = PaidForm(
        request.POST or None,
        rows=[(str(one.uid), _choice(frame, one)) for one in found[:MOST]],
        file=file,
        initial={"which": file[0] if file else "chosen"},
    )
    path = reverse("desk-points-applications", kwargs={"code": frame.code})
    status = 200
    if request.method == "POST":
        status = 422
        sent = _sent(request)
        is_again = request.POST.get("which", "").startswith(FILE) and not in_file
        if is_again or _is_done(frame, sent, request):
            return redirect_saying(request, path, "この申請の完了は、もう記録してあります")
        if form.is_valid():
            is_file = form.cleaned_data.get("which", "").startswith(FILE)
            uids = [one.uid for one in in_file] if is_file else sent
            try:
                services.redemptions_done(
                    uids=uids, reference=form.cleaned_data["reference"], by=request.desk.user
                )
            except NotFound:
                raise
            except Refusal as refused:
                form.refuse(refused)
            else:
                return redirect_saying(
                    request, path, f"{len(uids)}件の完了を記録しました。本人にお知らせしました"
                )
    return page(
        request,
        "points/paid.html",
        "points",
        {
            **frame.context(),
            "form": form,
            "count": len(found),
            "shown": min(len(found), MOST),
            "yen": sum(one.value_yen for one in found),
            "in_file": in_file,
        },
        status=status,
    )


def _sent(request: DeskRequest) -> list[UUID]:
    """The boxes that were ticked, as far as they are ids."""
    found = []
    for value in request.POST.getlist("chosen"):
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def _is_done(frame: Frame, sent: list[UUID], request: DeskRequest) -> bool:
    """Whether this very press was here before: all of it done, under the same number."""
    done = Redemption.objects.filter(
        uid__in=sent,
        programme=frame.ruled.programme,
        state=Redemption.State.DONE,
        reference=request.POST.get("reference", "").strip(),
    )
    return bool(sent) and done.count() == len(set(sent))


def _of_file(frame: Frame, approved: list[Redemption]) -> tuple[Act | None, list[Redemption]]:
    """The taking of the bank's last file, and what of it is not recorded as paid. What was
    approved in money before that moment was in it."""
    act = (
        Act.objects.filter(
            action="bank_file_taken", subject_kind="programme", subject_id=frame.code
        )
        .order_by("-id")
        .first()
    )
    if act is None:
        return None, []
    return act, [
        one
        for one in approved
        if one.use == "cash"
        and one.payee_encrypted is not None
        and one.decided_at is not None
        and one.decided_at <= act.at
    ]


def _file_choice(act: Act, rows: list[Redemption]) -> tuple[str, Choice]:
    """The choice of all that was in the file. Its value says what the page showed, so that it is
    unknown as soon as that is another file or another sum."""
    yen = sum(one.value_yen for one in rows)
    return (
        f"{FILE}{act.pk}-{len(rows)}-{yen}",
        Choice(
            f"振込ファイルの全部（{len(rows):,}件・{yen:,}円）",
            f"{jmoment(act.at)}に受け取ったもの",
        ),
    )


def _choice(frame: Frame, one: Redemption) -> Choice:
    about: list[Any] = [
        number_of(one),
        one.person.number,
        f"{one.amount:,}{frame.ruled.document.unit}",
        f"{one.value_yen:,}円",
    ]
    name = f"{one.person.kana}　{use_name(one.use)}"
    return Choice(f"{name}　{one.detail}" if one.detail else name, "・".join(about))
