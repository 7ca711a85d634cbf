"""What the pages of one programme share: which programme and year an address means."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpResponse

from kyojo.civic.earnings import selectors
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.programmes.rules.wording import USE
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ...forms import Form
from ...http import page_refused, redirect_saying
from ..access import DeskRequest, View, staff

Made = TypeVar("Made")
PER_PAGE = 100
STATE_BADGES = {
    "asked": ("info", "clock"),
    "approved": ("good", "check"),
    "done": ("good", "done"),
    "refused": ("", "x"),
    "cancelled": ("", "x"),
}


@dataclass(frozen=True)
class Frame:
    """The programme that an address names, and the fiscal years in which it held."""

    ruled: selectors.Ruled
    years: list[int]

    @property
    def code(self) -> str:
        return str(self.ruled.programme.code)

    def year(self, asked: object) -> int:
        """``asked`` where it is one of the years, else the running one."""
        text = str(asked)
        known = [year for year in self.years if str(year) == text]
        return known[0] if known else clock.fiscal_year()

    def year_choices(self) -> list[tuple[str, str]]:
        return [(str(year), fiscal_year_name(year)) for year in self.years]

    def context(self) -> dict[str, Any]:
        """What every template of the programme's pages needs."""
        return {
            "programme": self.ruled.programme,
            "document": self.ruled.document,
            "code": self.code,
        }


def of_programme(
    *methods: str, officer: bool = False, counted: bool = False
) -> Callable[[View], View]:
    """``access.staff`` for a page of one programme: the view gets a ``Frame`` for its code.

    ``counted``: a page of programmes whose activities are written down and counted only.
    """

    def guard(view: View) -> View:
        @staff(*methods, officer=officer, fresh=officer)
        @wraps(view)
        def framed(request: DeskRequest, code: str, **kwargs: Any) -> HttpResponse:
            ruled = selectors.ruled(code)
            if counted and ruled.document.kind not in selectors.COUNTED:
                raise NotFound()
            return view(request, Frame(ruled, selectors.years_known(ruled.programme)), **kwargs)

        return framed

    return guard


def sent(form: Form, act: Callable[[dict[str, Any]], Made]) -> Made | None:
    """What ``act`` makes of a form's data; None where the form is to be mended, and says how."""
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except NotFound:
        raise
    except Refusal as refused:
        form.refuse(refused)
    return None


def decided(
    request: DeskRequest,
    form: Form,
    act: Callable[[dict[str, Any]], object],
    *,
    said: str,
    path: str,
    again: Callable[[], HttpResponse],
) -> HttpResponse:
    """What a form on the page at ``path`` decides, or the page ``again`` with what to mend.

    What no form can mend, because somebody decided before, is said on a page of its own.
    """
    if form.is_valid():
        try:
            act(form.cleaned_data)
        except NotFound:
            raise
        except Invalid as refused:
            form.refuse(refused)
        except Refusal as refused:
            return page_refused(request, refused, back=path)
        else:
            return redirect_saying(request, path, said)
    return again()


def same_programme(one: Any, frame: Frame) -> None:
    """Raises ``NotFound`` for a row of another programme than the address names."""
    if one.programme_id != frame.ruled.programme.pk:
        raise NotFound()


def number_of(redemption: Redemption) -> str:
    """A number that an office can say on the telephone: the id's last digits."""
    tail = redemption.uid.hex[-8:].upper()
    return f"P-{tail[:4]}-{tail[4:]}"


def use_name(use: str) -> str:
    return USE.get(use, use)
