"""What several keys of a document must say together about paid help, fees and what circulates.

A part of ``consistency``: one function a rule; its name is the rule's.
"""

from collections.abc import Iterator

from .model import Document
from .places import Path

Breach = tuple[Path, str]

#: Ways of settling that count yen; the others count pieces.
YEN_SETTLEMENTS = ("invoice", "cash", "passbook")


def is_in_yen(doc: Document) -> bool:
    """Whether paid help is counted in yen, not in tickets or stamps."""
    return (
        doc.kind == "ticket" and doc.ticket is not None and doc.ticket.settlement in YEN_SETTLEMENTS
    )


# --- tickets --------------------------------------------------------------------------------------


def tickets_have_prices(doc: Document) -> Iterator[Breach]:
    if doc.kind == "ticket" and doc.ticket is None:
        yield ("ticket",), "表。チケットの制度には、必ず書きます"


def prices_are_for_tickets(doc: Document) -> Iterator[Breach]:
    if doc.kind not in ("ticket", "time-deposit") and doc.ticket is not None:
        yield ("ticket",), "なし（kind が ticket か time-deposit の制度だけに書けるもの）"


def ticket_adds_up(doc: Document) -> Iterator[Breach]:
    one = doc.ticket
    if one and one.bought_yen != one.paid_yen + one.office_yen:
        yield ("ticket", "bought_yen"), f"{one.paid_yen + one.office_yen}（paid_yen＋office_yen）"


def ticket_is_worth_its_pay(doc: Document) -> Iterator[Breach]:
    ticket, worth = doc.ticket, doc.worth
    if doc.kind != "ticket" or ticket is None or worth is None:
        return
    yen = worth.of if is_in_yen(doc) else ticket.paid_yen * worth.of
    if worth.yen != yen:
        yield ("worth", "yen"), f"{yen:,}（{'1円は1円' if is_in_yen(doc) else 'ticket.paid_yen'}）"


def deposit_is_worth_its_pay(doc: Document) -> Iterator[Breach]:
    """What is drawn is what was kept: ``ticket`` states the sums for ``worth.of`` units."""
    ticket, worth = doc.ticket, doc.worth
    if doc.kind != "time-deposit" or ticket is None:
        return
    if worth is None:
        yield ("worth",), "表。お礼をあずかる制度では、yen を必ず書きます"
    elif worth.yen != ticket.paid_yen:
        yield ("worth", "yen"), f"{ticket.paid_yen:,}（ticket.paid_yen）"


# --- thank-you money ------------------------------------------------------------------------------


def thanks_are_for_paid_help(doc: Document) -> Iterator[Breach]:
    if doc.thanks and doc.kind != "ticket":
        yield ("thanks",), "なし（kind が ticket の制度だけに書けるもの）"


def passbooks_count_yen(doc: Document) -> Iterator[Breach]:
    ticket = doc.ticket
    if doc.kind != "ticket" or ticket is None:
        return
    if (ticket.settlement in YEN_SETTLEMENTS) != (doc.unit == "円"):
        may = (
            "円（請求書、現金、通帳で精算する制度は、円で数えます）"
            if ticket.settlement in YEN_SETTLEMENTS
            else "円のほかの単位（チケットとスタンプカードは、枚や個で数えます）"
        )
        yield ("unit",), may


def yen_are_counted_singly(doc: Document) -> Iterator[Breach]:
    if is_in_yen(doc) and doc.earning.units != 1:
        yield ("earning", "units"), "1（1円ずつ。お礼の額は、ticket と thanks に書きます）"


def yen_are_shared_at_use(doc: Document) -> Iterator[Breach]:
    ticket = doc.ticket
    if ticket and ticket.share_at != "use" and (is_in_yen(doc) or doc.kind == "time-deposit"):
        yield (
            ("ticket", "share_at"),
            "use（お金で精算する制度では、使うたびに事務費を受け取ります）",
        )


def yen_are_more_than_none(doc: Document) -> Iterator[Breach]:
    if is_in_yen(doc) and doc.ticket and not doc.ticket.bought_yen:
        yield ("ticket", "bought_yen"), "1以上の整数（お礼のない手伝いは、ほかの種類の制度です）"


def yen_do_not_lapse(doc: Document) -> Iterator[Breach]:
    """A balance in yen is somebody's own money."""
    if not is_in_yen(doc):
        return
    if doc.expiry.earned_years is not None:
        yield ("expiry", "earned_years"), "なし（会員のお金には、期限を付けられません）"
    if doc.expiry.on_leaving == "lapse":
        yield ("expiry", "on_leaving"), "pay_out か keep（会員のお金は、消えません）"
    if doc.expiry.on_death == "lapse":
        yield ("expiry", "on_death"), "heirs か donate（会員のお金は、消えません）"


def yen_can_be_taken_out(doc: Document) -> Iterator[Breach]:
    if is_in_yen(doc) and "cash" not in {rule.use for rule in doc.uses}:
        yield ("uses",), "cash をふくむ使い道（受け取ったお金を、出せるように）"


def paid_help_is_not_converted(doc: Document) -> Iterator[Breach]:
    if doc.kind == "ticket" and doc.conversion:
        yield ("conversion",), "なし（お礼は、受け取ったそのままで数えます）"


def paid_help_has_no_limit(doc: Document) -> Iterator[Breach]:
    """What somebody paid for is theirs who helped, however much it was."""
    for name in ("day_most", "year_most"):
        if doc.kind == "ticket" and getattr(doc.earning, name) is not None:
            yield ("earning", name), "なし（手伝ってもらった人が払ったお礼は、へらせません）"


def paid_help_is_between_people(doc: Document) -> Iterator[Breach]:
    if doc.kind == "ticket" and doc.hosts:
        yield ("hosts",), "なし（お礼は、手伝ってもらった人が払います）"


def tickets_have_one_rate(doc: Document) -> Iterator[Breach]:
    if (
        doc.thanks
        and doc.ticket
        and doc.ticket.settlement not in YEN_SETTLEMENTS
        and doc.thanks.amount != "one_rate"
    ):
        yield (
            ("thanks", "amount"),
            "one_rate（チケットとスタンプカードは、1枚の値打ちが1つです）",
        )


def costs_have_a_limit(doc: Document) -> Iterator[Breach]:
    one = doc.thanks
    if one and (one.amount == "rate_plus_costs") != (one.costs_most_yen is not None):
        may = (
            "0から10,000,000までの整数"
            if one.amount == "rate_plus_costs"
            else "なし（amount が rate_plus_costs のときだけ）"
        )
        yield ("thanks", "costs_most_yen"), may


def kinds_have_their_rates(doc: Document) -> Iterator[Breach]:
    one = doc.thanks
    if one is None:
        return
    if one.amount != "by_kind" and one.by_activity:
        yield ("thanks", "by_activity"), "なし（amount が by_kind のときだけ）"
    if one.amount == "by_kind" and (
        not doc.activities or set(one.by_activity) != set(doc.activities)
    ):
        yield ("thanks", "by_activity"), "activities のどの活動にも1つずつの額"


def choices_have_their_range(doc: Document) -> Iterator[Breach]:
    one = doc.thanks
    if one is None:
        return
    chosen = one.amount == "payer_choice"
    for name in ("least_yen", "most_yen"):
        if (getattr(one, name) is not None) != chosen:
            may = (
                "0から10,000,000までの整数"
                if chosen
                else "なし（amount が payer_choice のときだけ）"
            )
            yield ("thanks", name), may
    if one.least_yen is not None and one.most_yen is not None and one.least_yen > one.most_yen:
        yield ("thanks", "most_yen"), f"{one.least_yen:,}（least_yen）以上の整数"


def usual_amount_can_be_paid(doc: Document) -> Iterator[Breach]:
    """Where the amount is not one, ``ticket.bought_yen`` is the usual one (標準の額)."""
    one, ticket = doc.thanks, doc.ticket
    if one is None or ticket is None:
        return
    usual = ticket.bought_yen
    if one.by_activity and usual not in one.by_activity.values():
        yield ("ticket", "bought_yen"), "thanks.by_activity のどれかの額（標準の額になります）"
    if (
        one.least_yen is not None
        and one.most_yen is not None
        and one.least_yen <= one.most_yen
        and not one.least_yen <= usual <= one.most_yen
    ):
        yield (
            ("ticket", "bought_yen"),
            f"{one.least_yen:,}（least_yen）から{one.most_yen:,}（most_yen）までの整数",
        )


def the_office_leaves_something(doc: Document) -> Iterator[Breach]:
    one, ticket = doc.thanks, doc.ticket
    if one is None or ticket is None:
        return
    for code, yen in one.by_activity.items():
        if yen < ticket.office_yen:
            yield (
                ("thanks", "by_activity", code),
                f"{ticket.office_yen:,}（ticket.office_yen）以上の整数",
            )
    if one.least_yen is not None and one.least_yen < ticket.office_yen:
        yield ("thanks", "least_yen"), f"{ticket.office_yen:,}（ticket.office_yen）以上の整数"


def shares_have_their_part(doc: Document) -> Iterator[Breach]:
    one = doc.thanks
    if one and (one.share in ("part_donated", "part_deposited")) != (one.share_percent is not None):
        may = (
            "1から99までの整数"
            if one.share_percent is None
            else "なし（share が part_donated か part_deposited のときだけ）"
        )
        yield ("thanks", "share_percent"), may


def deposits_go_somewhere(doc: Document) -> Iterator[Breach]:
    one = doc.thanks
    if one and (one.share == "part_deposited") != (one.deposit_in is not None):
        may = (
            "時間預託の制度のコード"
            if one.deposit_in is None
            else "なし（share が part_deposited のときだけ）"
        )
        yield ("thanks", "deposit_in"), may


def deposits_go_elsewhere(doc: Document) -> Iterator[Breach]:
    if doc.thanks and doc.thanks.deposit_in == doc.code:
        yield ("thanks", "deposit_in"), "ほかの制度のコード（時間預託の制度）"


def tickets_are_not_cut(doc: Document) -> Iterator[Breach]:
    one, ticket = doc.thanks, doc.ticket
    if one and ticket and ticket.settlement not in YEN_SETTLEMENTS and one.share != "person":
        yield ("thanks", "share"), "person（チケットやスタンプは、1枚を分けられません）"


# --- fees, who spends, what circulates ------------------------------------------------------------


def fees_once(doc: Document) -> Iterator[Breach]:
    for i, fee in enumerate(doc.fees):
        if fee.name in {one.name for one in doc.fees[:i]}:
            yield ("fees", i, "name"), "まだ書いていない名前"


def circulation_is_for_currencies(doc: Document) -> Iterator[Breach]:
    if doc.circulation and doc.kind not in ("gratitude", "time", "exchange"):
        yield (
            ("circulation",),
            "なし（kind が gratitude、time、exchange の制度だけに書けるもの）",
        )


def notes_are_not_lent(doc: Document) -> Iterator[Breach]:
    if doc.kind == "exchange" and doc.circulation and doc.circulation.lent_most:
        yield (
            ("circulation", "lent_most"),
            "0（お金にかわる券は、貸し付けになるので前貸しできません）",
        )


def hours_can_begin(doc: Document) -> Iterator[Breach]:
    one = doc.circulation
    if doc.kind == "time" and not (one and (one.start_units or one.lent_most)):
        yield (
            ("circulation",),
            "表。start_units か lent_most を1以上に（はじめの人が、だれにもたのめません）",
        )


def spenders_differ(doc: Document) -> Iterator[Breach]:
    if doc.spenders and len(set(doc.spenders.relation)) < len(doc.spenders.relation):
        yield ("spenders", "relation"), "lives、works、studies を1回ずつ"


def prices_are_of_items(doc: Document) -> Iterator[Breach]:
    for i, rule in enumerate(doc.uses):
        for name in rule.prices:
            if name not in rule.items:
                yield ("uses", i, "prices", name), "items に書いた品物の名前"


def prices_fit_the_year(doc: Document) -> Iterator[Breach]:
    if doc.worth is None:
        return
    for i, rule in enumerate(doc.uses):
        for name, units in rule.prices.items():
            yen = doc.worth.yen_of(units)
            if rule.year_most_yen is not None and yen > rule.year_most_yen:
                yield (
                    ("uses", i, "prices", name),
                    f"{rule.year_most_yen:,}円（year_most_yen）までにあたる整数",
                )


RULES = (
    tickets_have_prices,
    prices_are_for_tickets,
    ticket_adds_up,
    ticket_is_worth_its_pay,
    deposit_is_worth_its_pay,
    thanks_are_for_paid_help,
    passbooks_count_yen,
    yen_are_counted_singly,
    yen_are_shared_at_use,
    yen_are_more_than_none,
    yen_do_not_lapse,
    yen_can_be_taken_out,
    paid_help_is_not_converted,
    paid_help_has_no_limit,
    paid_help_is_between_people,
    tickets_have_one_rate,
    costs_have_a_limit,
    kinds_have_their_rates,
    choices_have_their_range,
    usual_amount_can_be_paid,
    the_office_leaves_something,
    shares_have_their_part,
    deposits_go_somewhere,
    deposits_go_elsewhere,
    tickets_are_not_cut,
    fees_once,
    circulation_is_for_currencies,
    notes_are_not_lent,
    hours_can_begin,
    spenders_differ,
    prices_are_of_items,
    prices_fit_the_year,
)
