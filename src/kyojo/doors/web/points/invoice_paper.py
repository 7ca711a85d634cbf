"""An invoice of paid help as a paper (請求書), for the office and for whoever it is for."""

from django.http import HttpResponse

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.models import Invoice, PaidHelp
from kyojo.civic.earnings.paid_words import activity_name
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.papers import cards
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import steps_of
from kyojo.kernel import clock, text
from kyojo.kernel.wording import duration, jday

from ..http import as_file

ACCOUNTS = {1: "普通", 2: "当座"}


def answer(invoice: Invoice) -> HttpResponse:
    """The paper to take away. Raises ``GlyphsMissing``."""
    number = paid_selectors.invoice_number(invoice)
    name = f"{invoice.programme.code}-invoice-{number}.pdf"
    return as_file(pdf(invoice), name, cache="no-store")


def pdf(invoice: Invoice) -> bytes:
    """Raises ``GlyphsMissing``."""
    town = Municipality.objects.get(pk=current())
    programme = invoice.programme
    documents = paid_selectors.Documents(programme)
    lines = paid_selectors.invoice_lines(invoice)
    paper = cards.Invoice(
        number=paid_selectors.invoice_number(invoice),
        issued_on=invoice.issued_on,
        to=f"{invoice.person.name} 様" if invoice.person else "",
        issuer=(programme.operator.name, town.office_name, f"電話 {town.office_phone}"),
        subject=f"{programme.name}　{invoice.month.year}年{invoice.month.month}月分",
        rows=tuple(row for one in lines for row in _rows(documents.on(one.start), one)),
        pay_to=pay_to(programme),
        due_on=invoice.due_on,
        note=f"内容にちがいがあるときは、{town.office_name}（{town.office_phone}）に"
        "お知らせください。",
    )
    return cards.invoice_pdf(paper, made_on=clock.today())


def _rows(document: Document, one: PaidHelp) -> list[cards.InvoiceRow]:
    """The thanks, and the costs beside them."""
    minutes = paid_selectors.minutes_of(one)
    steps, thanks_yen = steps_of(document, minutes), one.payer_yen - one.costs_yen
    per = document.earning.minutes
    what = f"{jday(one.start)} {activity_name(document, one.activity)}（{duration(minutes)}）"
    unit = "時間" if per == 60 else "回" if per is None else f"×{duration(per)}"
    rows = [cards.InvoiceRow(what, steps, unit, thanks_yen // steps)]
    if one.costs_yen:
        rows.append(cards.InvoiceRow(f"{jday(one.start)} 実費", 1, "回", one.costs_yen))
    return rows


def pay_to(programme: Programme) -> str:
    """Where to pay, in words."""
    account = services.office_account_of(programme)
    if account is None:
        return "窓口でお聞きください"
    parts = (
        f"{account.bank_name}（{account.bank_code}）",
        f"{account.branch_name}（{account.branch_code}）",
        ACCOUNTS.get(account.account_type, ""),
        account.account_number,
        account.name,
    )
    return text.normalised(" ".join(part for part in parts if part))
