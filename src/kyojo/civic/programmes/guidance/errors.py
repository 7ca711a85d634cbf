"""Refusals of the guidance: where it has no answer it says so."""

from kyojo.kernel.errors import Invalid, Refusal


class PrefectureUnknown(Invalid):
    code = "prefecture_unknown"
    sentence = (
        "「{prefecture}」という都道府県はありません。"
        "「東京都」「北海道」のように、都・道・府・県まで書いてください。"
    )


class RulesUnknown(Refusal):
    """No rule set covers the day. ``earliest``: the first day that one does."""

    code = "guidance_rules_unknown"
    sentence = (
        "{as_of}のきまりは、ここにはありません。"
        "{earliest}からの日を選ぶか、{office}にお聞きください。"
    )


class FactsContradict(Invalid):
    """Facts that cannot be true together. ``what`` says which."""

    code = "guidance_facts_contradict"
    sentence = "{what}。あてはまるほうを選んで、もう一度お試しください。"
