"""What a member can do now with what they have: each use, how much, and what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kyojo.civic.earnings import selectors
from kyojo.civic.earnings.errors import MayNotSpend
from kyojo.civic.earnings.selectors import Ruled, Wallet
from kyojo.civic.earnings.services.redeeming import OFFICE_USES
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.model import UseRule
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..http import said
from . import words


@dataclass(frozen=True)
class Way:
    """One use of a programme. ``most``: what may be asked for now, 0 while nothing may;
    ``is_whole``: it is taken as a whole or not at all; ``left``: how many of an item there are,
    where the office counts them."""

    rule: UseRule
    most: int
    note: str
    is_whole: bool = False
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def use(self) -> str:
        return self.rule.use

    @property
    def title(self) -> str:
        return words.USE_DOES[self.rule.use]

    @property
    def choices(self) -> list[str]:
        """To whom it may be given, or the items that there are."""
        return self.rule.recipients or [i for i in self.rule.items if self.left.get(i) != 0]

    @property
    def sold_out(self) -> list[str]:
        return [item for item in self.rule.items if self.left.get(item) == 0]

    @property
    def is_by_piece(self) -> bool:
        """Whether every item has its price, so that people say how many instead of how much."""
        items, prices = self.rule.items, self.rule.prices
        return bool(items) and not self.is_whole and all(item in prices for item in items)


def ways(ruled: Ruled, person: Person, wallet: Wallet) -> list[Way]:
    """The uses that an office pays or hands out, as the document names them."""
    rules = [rule for rule in ruled.document.uses if rule.use in OFFICE_USES]
    try:
        selectors.may_spend(ruled, person)
    except MayNotSpend as refused:
        return [Way(rule, 0, said(refused)) for rule in rules]
    left = selectors.stock(ruled.programme)
    return [
        _counted(ruled, wallet, _way(ruled, person, wallet, rule), left.get(rule.use, {}))
        for rule in rules
    ]


def _counted(ruled: Ruled, wallet: Wallet, one: Way, left: Mapping[str, int]) -> Way:
    """``one`` with what is in stock; closed where nothing is, or nothing can be had for so much."""
    one = replace(one, left=left)
    if not one.most or not one.rule.items:
        return one
    if not one.choices:
        return replace(one, most=0, note="いまは、どれも品切れです。入ると、選べます。")
    if one.is_by_piece:
        least = min(one.rule.prices[item] for item in one.choices)
        if one.most < least:
            price = words.amount(least, ruled.document.unit)
            return replace(one, most=0, note=f"{price}たまると、選べます。")
    return one


def way(ruled: Ruled, person: Person, wallet: Wallet, use: str) -> Way:
    """One of ``ways``; ``NotFound`` for a use that the programme does not have."""
    for found in ways(ruled, person, wallet):
        if found.use == use:
            return found
    raise NotFound()


def _way(ruled: Ruled, person: Person, wallet: Wallet, rule: UseRule) -> Way:
    document = ruled.document
    if document.at_cap and document.at_cap.use == rule.use:
        return _whole(ruled, person, wallet, rule)
    if not wallet.available:
        return Way(rule, 0, f"使える{words.saved(document.unit)}がたまると、選べます。")
    if rule.year_most_yen is None:
        return Way(rule, wallet.available, _about(ruled, rule))
    used = selectors.used_yen(ruled.programme, person, rule.use, clock.fiscal_year())
    left_yen = max(rule.year_most_yen - used, 0)
    worth = document.worth
    left = left_yen * worth.of // worth.yen if worth and worth.yen else wallet.available
    if not left:
        return Way(
            rule,
            0,
            f"今年度は、上限の{rule.year_most_yen:,}円まで申請しました。"
            f"{clock.fiscal_year() + 1}年4月1日から、また使えます。",
        )
    limit = f"1年度に{rule.year_most_yen:,}円まで。今年度は、あと{left_yen:,}円です。"
    return Way(rule, min(left, wallet.available), limit)


def _about(ruled: Ruled, rule: UseRule) -> str:
    if rule.recipients:
        return f"寄付先を、{len(rule.recipients)}つから選びます。"
    if rule.items:
        return f"{'、'.join(rule.items)}。"
    return words.rate(ruled.document)


def _whole(ruled: Ruled, person: Person, wallet: Wallet, rule: UseRule) -> Way:
    """What may be taken instead of everything else at the year's limit."""
    document = ruled.document
    assert document.at_cap is not None
    value = f"{document.at_cap.yen:,}円分"
    for number in (clock.fiscal_year(), clock.fiscal_year() - 1):
        year = selectors.year_of(ruled.programme, person, number)
        if year.instead and wallet.available >= year.granted:
            whole = words.amount(year.granted, document.unit)
            note = f"{number}年度の{whole}を全部使うと、{value}になります。"
            return Way(rule, year.granted, note, is_whole=True)
    note = f"年度の上限に届いた人が、全部をまとめて使うときに選べます。{value}になります。"
    return Way(rule, 0, note, is_whole=True)
