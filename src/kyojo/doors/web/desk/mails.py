"""A member whose login has another mail address since lately, and says that it was not them."""

from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.domain import BASES
from kyojo.civic.people.security_selectors import mail_changes_lately
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record, mail_change_undo
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..forms import Form
from ..http import page_refused, redirect_saying, uuid_or_404
from ..security.moving import mail_moved
from .access import DeskRequest, page, staff
from .forms import radio


class UndoForm(Form):
    """Which change is taken back, and how it is known that the member wants it."""

    change = radio(label="どのアドレスに戻しますか")
    basis = radio(label="どのように確かめましたか", choices=list(BASES.items()))

    def __init__(self, *args: object, choices: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["change"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@staff("GET", "POST", officer=True, fresh=True)
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """The addresses of before, and the press that puts one back. Opening it goes on record."""
    person = person_by_uid(uid)
    changes = mail_changes_lately(person)
    choices = [(str(one.uid), f"{one.old}（{_day(one.done_at)}まで）") for one in changes]
    form = UndoForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        try:
            mail_moved(
                lambda: mail_change_undo(
                    uid=uuid_or_404(form.cleaned_data["change"]),
                    person=person,
                    by=request.desk.user,
                    basis=form.cleaned_data["basis"],
                ),
                person,
            )
        except NotFound:
            raise
        except Refusal as refused:
            return page_refused(request, refused, back=reverse("desk-member", args=[uid]))
        said = "元のアドレスに戻しました。そのアドレスに、お知らせをお送りします"
        return redirect_saying(request, reverse("desk-member", args=[uid]), said)
    act_record(actor=request.desk.user, action="mail_opened", subject_kind="person", subject_id=uid)
    context = {"one": person, "form": form, "changes": changes}
    return page(request, "mail.html", "members", context, status=422 if form.errors else 200)


def _day(at: object) -> str:
    return f"{clock.local(at):%-m月%-d日}"  # type: ignore[arg-type]
