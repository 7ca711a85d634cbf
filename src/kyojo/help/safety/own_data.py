"""What this room holds of a person, as far as it is theirs: what they pressed, told and wrote. What
others told the support centre about them is the centre's to answer for."""

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import towns_all
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section, section

from . import domain
from .models import Accident, Emergency, Worry
from .selectors import opened
from .services.insuring import answers_of
from .services.worries import content_of


def person_data(person: Person) -> list[Section]:
    """Alarms, worries and accident reports, wherever they stand."""
    emergencies, worries, accidents = [], [], []
    for code in towns_all():
        with tenant(code):
            emergencies += [
                (row.raised_at, row.get_state_display(), domain.OUTCOMES.get(row.outcome, ""))
                for row in Emergency.objects.filter(by_uid=person.uid)
            ]
            for worry in Worry.objects.filter(reporter_uid=person.uid):
                said = content_of(worry)
                signs = [domain.SIGNS[one].label for one in said["signs"] if one in domain.SIGNS]
                worries.append(
                    (
                        worry.number,
                        worry.at,
                        "、".join(signs),
                        said["words"],
                        worry.get_state_display(),
                        opened(worry.answer_sealed),
                    )
                )
            for row in Accident.objects.filter(by_uid=person.uid):
                answers = answers_of(row)
                accidents.append(
                    (
                        row.number,
                        row.happened_at,
                        answers.get("where", ""),
                        answers.get("what", ""),
                        answers.get("injury", ""),
                        answers.get("damage", ""),
                        row.get_state_display(),
                    )
                )
    return [
        section(
            "emergencies",
            "助けを求めた知らせ",
            "at 日時, state 状態, outcome どうなったか",
            emergencies,
        ),
        section(
            "worries",
            "伝えた、気になること",
            "number 番号, at 日時, signs 内容, words くわしいこと, state 状態, answer お返事",
            worries,
        ),
        section(
            "accidents",
            "書いた事故の報告",
            "number 番号, at 起きた日時, where 場所, what 内容, injury けが, damage こわれた物, "
            "state 状態",
            accidents,
        ),
    ]
