"""Refusals of the programmes room."""

from kyojo.kernel.errors import Invalid, Refusal


class DocumentInvalid(Invalid):
    """A programme's document breaks its schema. ``key`` names the place, ``allowed`` what may
    stand there."""

    code = "programme_document_invalid"
    sentence = "制度の文書の「{key}」を直してください。ここに書けるのは、{allowed}です。"


class DocumentUnreadable(Invalid):
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


class ProgrammeMissing(Refusal):
    code = "programme_missing"
    sentence = (
        "この自治体では、まだコインの制度が始まっていません。センターにお問い合わせください。"
    )


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


class CurrencyFixed(Refusal):
    code = "programme_currency_fixed"
    sentence = "コインの単位「{currency}」は、制度が始まったあとは変えられません。"


class AmountInvalid(Invalid):
    code = "amount_invalid"
    sentence = "コインの数を、1から{maximum}までの数字で入れてください。"


class ReasonMissing(Invalid):
    code = "reason_missing"
    sentence = "理由を入れてください。例：令和8年度 第2回（要綱第6条）"


class OrderDiffers(Refusal):
    """The same order id came again with other content."""

    code = "order_differs"
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
