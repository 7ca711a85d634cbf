"""The lines of a distribution's file against the members there are."""

from collections.abc import Sequence

from kyojo.civic.programmes.domain import CoinRules

from . import distribution_file as file
from .distribution_file import Line, Problem
from .models import DistributionRow, Person, User


def rows_checked(lines: Sequence[Line], rules: CoinRules, by: User) -> list[DistributionRow]:
    """One row per line. People are looked up in two queries, however long the file is."""
    numbers = {file.member_number(line.values[file.NUMBER]) for line in lines}
    people = {person.number: person for person in Person.objects.filter(number__in=numbers)}
    unknown = numbers - people.keys()
    others = list(Person.objects.filter(left_at__isnull=True)) if unknown else []
    first_lines: dict[int, int] = {}
    rows = []
    for line in lines:
        number = file.member_number(line.values[file.NUMBER])
        person = people.get(number)
        amount = file.coins(line.values[file.COINS], maximum=rules.per_person_max_coins)
        problem = file.formula(line) or (
            _unknown(line, number, others)
            if person is None
            else _own(line, person, by) or _of_person(line, person, first_lines)
        )
        row = DistributionRow(line=line.line, raw=dict(line.values))
        if problem is None and isinstance(amount, Problem):
            problem = amount
        if problem is not None:
            row.problem = problem.as_json()
        elif person is not None and not isinstance(amount, Problem):
            first_lines[person.pk] = line.line
            row.person, row.amount = person, amount
        rows.append(row)
    return rows


def _unknown(line: Line, number: str, others: Sequence[Person]) -> Problem:
    typed = line.values[file.NUMBER]
    if not number:
        return Problem(
            file.NUMBER, typed, "会員番号がありません", "番号を入れるか、この行を消してください"
        )
    kana = line.values[file.KANA]
    near = next((p.number for p in others if kana and file.same_kana(kana, p.kana)), None)
    likeness = "同じカナ"
    if near is None:
        near = file.nearest_number(number, (p.number for p in others))
        likeness = "1字ちがい"
    remedy = "番号を確かめてください。"
    remedy += (
        f"{near}（{likeness}）は登録があります" if near else "会員の一覧で、カナからさがせます"
    )
    return Problem(file.NUMBER, typed, "登録が見つかりません", remedy)


def _own(line: Line, person: Person, by: User) -> Problem | None:
    if person.user_id != by.pk:
        return None
    return Problem(
        file.NUMBER,
        line.values[file.NUMBER],
        "自分に配ることはできません",
        "ほかの職員に、この行を出してもらってください",
    )


def _of_person(line: Line, person: Person, first_lines: dict[int, int]) -> Problem | None:
    """What the line says wrongly of a person there is; the first thing, in this order."""
    typed = line.values
    if person.left_at is not None:
        return Problem(file.NUMBER, typed[file.NUMBER], "退会した人です", "この行を消してください")
    if person.carer_since is None:
        return Problem(
            file.NUMBER,
            typed[file.NUMBER],
            "「ケアする人」の登録がありません",
            "会員のページで役割を足すか、この行を消してください",
        )
    if not file.same_kana(typed[file.KANA], person.kana):
        return Problem(
            file.KANA,
            typed[file.KANA],
            "登録のカナとちがいます" if typed[file.KANA] else "カナがありません",
            f"会員番号とカナを確かめてください。登録は「{person.kana}」です",
        )
    if file.BIRTH in typed:
        born = file.birth_date(typed[file.BIRTH])
        if isinstance(born, Problem):
            return born
        if born is not None and person.birth_date is not None and born != person.birth_date:
            return Problem(
                file.BIRTH,
                typed[file.BIRTH],
                "登録の生年月日とちがいます",
                "本人確認の書類で日付を確かめてください",
            )
    if person.pk in first_lines:
        return Problem(
            file.NUMBER,
            typed[file.NUMBER],
            f"{first_lines[person.pk]}行目と同じ人です",
            "どちらか1行を消すか、合計を1行にまとめてください",
        )
    return None
