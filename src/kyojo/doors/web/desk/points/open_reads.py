"""What stands open for a member who leaves, in words: what will happen, and what comes first."""

from dataclasses import dataclass

from django.urls import reverse

from kyojo.civic.earnings import open_selectors, selectors
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.open_selectors import OpenItem
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.wording import amount
from kyojo.kernel.amounts import grouped

from .shared import number_of

#: What to do first, or (where nothing is) what happens by itself.
WHAT_NEXT = {
    "asked": "先に、承認するか、見送りにしてください。見送ると、その分は使える分にもどります。",
    "unbilled": "先に、この人の請求書を出して、入金を記録してください。"
    "お金をもらわないときは、手伝いの記録を取り消します。",
    "invoice": "先に、入金を記録してください。お金をもらわないときは、請求書を取り消します。",
    "returning": "先に、ほかの職員が承認するか、取りやめてください。",
    "approved": "払うか、渡してください。完了を記録するまで、退会にできません。",
    "awaited": "手伝ってもらった人の入金を記録すると、届きます。届いたあとで、もう一度精算します。",
    "held": "約束した支援が終わるか、取り消されると、もどります。それまで、退会にできません。",
    "lent": "使える分から、先に返します。足りない分は、もらいません。",
    "paper": "もどってきた券は、下で選ぶと、使える分に足して精算します。"
    "人にわたした券は、そのまま使えます。なくした券は、券のページで無効にします。",
    "fee": "受け取るときは、会費のページで記録します。もらわなくても、退会にできます。",
}
#: The same, for the member or their family, on paper.
TO_MEMBER = {
    "asked": "申請を確かめています",
    "unbilled": "請求書をお送りします",
    "invoice": "入金をお待ちしています",
    "returning": "入金の記録を確かめています",
    "approved": "お支払いの手続きをしています",
    "awaited": "入金のあとで、届きます",
    "held": "支援が終わるか、取り消されると、もどります",
    "lent": "使える分からお返しいただきました。残りは、お返しいただかなくてかまいません",
    "paper": "お手もとの券をお持ちください。人にわたした券は、そのまま使えます",
    "fee": "まだ受け取っていません",
}


@dataclass(frozen=True)
class OpenRow:
    """One line of what stands open. ``url`` leads to where it is put in order."""

    item: OpenItem
    what: str
    url: str
    link: str

    @property
    def what_next(self) -> str:
        return WHAT_NEXT[self.item.kind]

    @property
    def badge(self) -> tuple[str, str, str]:
        if self.item.stops_settling:
            return ("先に片づけます", "warn", "alert")
        if self.item.stops_leaving:
            return ("退会の前に", "info", "clock")
        return ("このまま進めます", "good", "check")


def open_rows(person: Person) -> list[OpenRow]:
    """What stands open for a person. Tickets on paper of a programme are one line each."""
    return [_row(item, person) for item in open_selectors.open_items(person)]


def _row(item: OpenItem, person: Person) -> OpenRow:
    code, yen = item.programme.code, f"{grouped(item.yen)}円"
    match item.kind:
        case "asked" | "approved":
            assert item.uid is not None
            number = number_of(Redemption(uid=item.uid))
            where = ("desk-points-application", {"code": code, "uid": item.uid})
            what, link = f"申請 {number}（{yen}）", f"申請 {number}"
        case "unbilled":
            assert item.month is not None
            month = {"year": item.month.year, "month": item.month.month}
            where = ("desk-points-leaving-bill", {"uid": person.uid, "code": code, **month})
            what = f"{item.month.year}年{item.month.month}月の手伝い{item.helps}件（{yen}）を払う"
            link = "この人の請求書を出す"
        case "invoice" | "returning":
            where = ("desk-points-invoice", {"code": code, "uid": item.uid})
            what, link = f"請求書 {item.name}（{yen}）を払う", f"請求書 {item.name}"
            if item.kind == "returning":
                what = f"請求書 {item.name}（{yen}）の入金の取り消し"
        case "awaited":
            where = ("desk-points-invoices", {"code": code})
            what, link = f"手伝い{item.helps}件のお礼（{yen}）を受け取る", "請求書の一覧"
        case "held":
            where = ("desk-visits", {})
            what, link = (
                f"コイン {grouped(item.amount)}コインを、支援のために預かっています",
                "支援の一覧",
            )
        case "lent":
            where = ("desk-points-member", {"uid": person.uid})
            what, link = f"前貸し {amount(item.amount, _unit(item))}", "会員のポイントとスタンプ"
        case "paper":
            where = ("desk-points-paper", {"code": code, "number": item.number})
            what, link = f"紙の券 {item.number}番", f"{item.number}番の券"
        case _:
            where = ("desk-points-fees", {"code": code})
            what, link = f"会費「{item.name}」（{yen}）", "会費の一覧"
    return OpenRow(item, what, reverse(where[0], kwargs=where[1]), link)


def _unit(item: OpenItem) -> str:
    return selectors.ruled(item.programme.code).document.unit
