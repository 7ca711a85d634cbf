"""Refusals of papers and bank files."""

from collections.abc import Sequence
from dataclasses import dataclass

from kyojo.kernel.errors import Invalid


class GlyphsMissing(Invalid):
    """``characters`` are what the typeface cannot print, ``codes`` their numbers in Unicode."""

    code = "paper_glyphs_missing"
    sentence = (
        "次の文字は、印刷用の書体にありません：{characters}（{codes}）。"
        "別の字体にするか、かなにしてから、もう一度お試しください。"
    )


class CellsWrong(Invalid):
    code = "paper_cells_wrong"
    sentence = (
        "スタンプカードのますは、1から{maximum}までにし、押した数はますの数までにしてください。"
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """What cannot be written: the payee's ``row`` from 1 (0: what is said for the whole file), the
    item, the characters that the bank does not take, and why."""

    row: int
    item: str
    characters: str
    why: str


class TransferInvalid(Invalid):
    """A transfer file was not written. ``problems`` has every one; the sentence says the first."""

    code = "transfer_invalid"
    sentence = "{row}「{item}」を直してください。{why}{more}"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        rest = len(self.problems) - 1
        super().__init__(
            row=f"{first.row}行目の" if first.row else "",
            item=first.item,
            why=first.why,
            more=f"ほかに{rest}か所あります。" if rest else "",
        )


class TransferUnreadable(Invalid):
    code = "transfer_unreadable"
    sentence = "総合振込のファイルとして読めません（{record}件目の記録：{why}）。"
