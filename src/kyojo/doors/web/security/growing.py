"""相談できる人 and おとなの同意, as the member reads them: gentle, and nobody else's business."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kyojo.civic.people import minors
from kyojo.civic.people import minors_domain as domain
from kyojo.civic.people.models import Person, StaffRole
from kyojo.civic.people.services import young_carer_say, young_carer_unsay
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..forms import Choice, Form
from ..http import redirect_saying


class ContactForm(Form):
    """How the person would like it; nothing about why."""

    wish = forms.ChoiceField(
        label="たのみたいことがあるとき",
        widget=forms.RadioSelect,
        choices=[
            ("self", Choice("自分で人をさがす", "こまったときだけ、相談します")),
            ("first", Choice("先に見てもらう", "この人が先に見て、来る人をさがします")),
        ],
    )


def may_have_contact(person: Person) -> bool:
    """Whether the page is for this member: a carer up to 29, and whoever has a contact already."""
    return person.carer_since is not None and (
        domain.may_say_young_carer(person.birth_date, clock.today())
        or minors.care_contact_of(person) is not None
    )


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def contact_page(request: HttpRequest) -> HttpResponse:
    """A coordinator whom one can turn to: begin, change, end."""
    person = person_of(request)
    if not may_have_contact(person):
        raise NotFound()
    found = minors.care_contact_of(person)
    if request.method != "POST":
        wish = "first" if found and found.wishes_first else "self"
        return _page(request, person, ContactForm(initial={"wish": wish}))
    if request.POST.get("end"):
        young_carer_unsay(person=person)
        return redirect_saying(request, "me", "やめました。またいつでも、はじめられます。")
    form = ContactForm(request.POST)
    if form.is_valid():
        try:
            young_carer_say(person=person, wishes_first=form.cleaned_data["wish"] == "first")
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            return redirect_saying(request, "me-contact", "伝わりました。")
    return _page(request, person, form, status=422)


def _page(
    request: HttpRequest, person: Person, form: ContactForm, status: int = 200
) -> HttpResponse:
    found = minors.care_contact_of(person)
    role = (
        StaffRole.objects.filter(user_id=found.contact_id).first()
        if found and found.contact_id
        else None
    )
    context = {
        "form": form,
        "has_contact": found is not None,
        "contact": role,
        "is_minor": minors.is_minor(person),
    }
    return render(request, "security/contact.html", context, status=status)
