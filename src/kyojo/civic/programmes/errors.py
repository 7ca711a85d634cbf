"""Refusals of the programmes room."""

from kyojo.kernel import errors
from kyojo.kernel.errors import Invalid, Refusal


class DocumentInvalid(Invalid):
    """A programme's document breaks its schema. ``line`` and ``key`` name the place, ``allowed``
    what may stand there."""

    code = "programme_document_invalid"
    sentence = "制度の文書の{line}行目「{key}」を直してください。ここに書けるのは、{allowed}です。"


class VisitLogInvalid(Invalid):
    """A row of a log of visits cannot be read. ``allowed``: what may stand in the column."""

    code = "visit_log_invalid"
    sentence = "{line}行目の「{column}」を直してください。ここに書けるのは、{allowed}です。"


class DocumentUnreadable(Invalid):
    """Not TOML. ``detail`` says where and what may stand there; ``line`` is that line, or None."""

    code = "programme_document_unreadable"
    sentence = (
        "制度の文書をTOMLとして読めませんでした（{detail}）。"
        "その行を直して、もう一度お試しください。"
    )


class CategoryNotAllowed(Invalid):
    code = "category_not_allowed"
    sentence = "この種類の手伝いは、いまの制度ではたのめません。ほかの種類から選んでください。"


class LengthNotAllowed(Invalid):
    code = "length_not_allowed"
    sentence = "長さは、{lengths}から選んでください。"


class ThanksUnfit(Invalid):
    """Thank-you money that a document does not know. ``why`` says what it knows."""

    code = "thanks_unfit"
    sentence = "{why}。"


class ProgrammeMissing(Refusal):
    code = "programme_missing"
    sentence = "この自治体では、まだこの制度が始まっていません。センターにお問い合わせください。"


class VersionExists(Refusal):
    code = "programme_version_exists"
    sentence = (
        "{effective_from}から始まる版は、もう別の内容で公開されています。"
        "始まる日を変えて、新しい版にしてください。"
    )


class VersionInPast(Refusal):
    code = "programme_version_in_past"
    sentence = (
        "新しい版は、{today}より後の日から始めてください。公開した版は、さかのぼって変わりません。"
    )


class VersionAmidYear(Refusal):
    code = "programme_version_amid_year"
    sentence = (
        "ポイントやスタンプの決まりは、年度の途中では変えられません。4月1日から始めてください。"
    )


class CurrencyFixed(Refusal):
    code = "programme_currency_fixed"
    sentence = "コインの単位「{currency}」は、制度が始まったあとは変えられません。"


class UnitFixed(Refusal):
    """What people have is a number of units: a ticket does not become a yen over night."""

    code = "programme_unit_fixed"
    sentence = (
        "制度の種類（kind）と単位（unit）は、始まったあとは変えられません。会員が持つ分の意味が"
        "変わるためです。「{kind}」「{unit}」のままにするか、別の制度を新しく始めてください。"
    )


class CurrencyTaken(Refusal):
    code = "programme_currency_taken"
    sentence = "単位「{currency}」は、この町のほかの制度が使っています。別の名前にしてください。"


class AmountInvalid(Invalid):
    code = "amount_invalid"
    sentence = "コインの数を、1から{maximum}までの数字で入れてください。"


class ReasonMissing(Invalid):
    code = "reason_missing"
    sentence = "理由を入れてください。例：令和8年度 第2回（要綱第6条）"


class OrderDiffers(errors.OrderDiffers):
    """As everywhere, in the words of an office that records."""

    sentence = (
        "同じ画面から、ちがう内容がもう一度送られました。"
        "はじめの内容で記録ずみです。新しい画面を開いて、やりなおしてください。"
    )


class SecondOfficerNeeded(Refusal):
    code = "second_officer_needed"
    sentence = (
        "自分が出したものは、自分では承認できません。もう1人の職員に、承認をたのんでください。"
    )


class NotWaiting(Refusal):
    code = "not_waiting"
    sentence = "これは「{state}」のため、変えられません。一覧を開きなおして確かめてください。"


class TreasuryShort(Refusal):
    code = "treasury_short"
    sentence = (
        "発行の残りが{missing}コイン足りません。先にコインを発行してから、もう一度承認してください。"
        "まだ何も配っていません。"
    )


# --- clearing between municipalities --------------------------------------------------------------


class ClearingMonthNotOver(Refusal):
    code = "clearing_month_not_over"
    sentence = (
        "{month}は、まだ終わっていません。清算は、月が終わってから次の月のはじめにつくられます。"
    )


class ClearingNothing(Refusal):
    code = "clearing_nothing"
    sentence = "{month}には、この相手との間で動いたコインがありません。清算はいりません。"


class ClearingMonthPassed(Refusal):
    """A later month of the pair is closed already, and has all that came before it."""

    code = "clearing_month_passed"
    sentence = (
        "{month}までに動いたコインは、もう{later}の清算に入っています。"
        "そちらの清算を開いて確かめてください。"
    )


class ClearingSidesDiffer(Refusal):
    """The two ledgers, or a ledger and the statement on record, do not say the same."""

    code = "clearing_sides_differ"
    sentence = (
        "2つの自治体の記録が同じになりません。コインは動いていません。"
        "しばらくしてもう一度お試しください。続くときは、システムの担当者に調べてもらってください。"
    )


class ClearingStale(Refusal):
    """The page was drawn from another statement than the one on record."""

    code = "clearing_stale"
    sentence = (
        "開いていた画面の明細と、記録されている明細がちがいます。"
        "ページを開きなおして、明細を確かめてから、もう一度押してください。"
    )


class ClearingRateInvalid(Invalid):
    code = "clearing_rate_invalid"
    sentence = (
        "1コインあたりの円は、0から{maximum}までの数字で入れてください。小数は2けたまでです。"
    )


class ClearingFixed(Refusal):
    """Both towns agreed to other terms before."""

    code = "clearing_fixed"
    sentence = (
        "この清算は、1コイン{yen}円で両方の自治体が合意ずみです。"
        "条件を変えるときは、次の月の清算で話し合ってください。"
    )


class ClearingNotAgreed(Refusal):
    code = "clearing_not_agreed"
    sentence = (
        "まだ両方の自治体の合意がそろっていません。"
        "合意がそろうと精算できます。コインは動いていません。"
    )


class ClearingNotSettled(Refusal):
    code = "clearing_not_settled"
    sentence = "まだ精算していません。先に「精算する」を押してから、振込を記録してください。"


class ClearingNothingToPay(Refusal):
    code = "clearing_nothing_to_pay"
    sentence = "この清算は0円です。残高の記録だけで終わっていて、振込はありません。"


class ClearingPaidDiffers(Refusal):
    code = "clearing_paid_differs"
    sentence = (
        "振込は、{paid_on}・番号{reference}で記録ずみです。"
        "ちがうときは、相手の自治体と確かめてください。"
    )


class ClearingPaidOnInvalid(Invalid):
    code = "clearing_paid_on_invalid"
    sentence = "振り込んだ日は、{first}から{today}までにしてください。"


class ClearingReferenceMissing(Invalid):
    code = "clearing_reference_missing"
    sentence = "振込の番号を、60字までで入れてください。例：伝票 2026-1105"
