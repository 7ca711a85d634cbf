"""What safety prints: a worry for the centre, an accident for the insurer."""

from typing import Any

from django.http import HttpResponse

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.papers.reports import Part, Report, report_pdf
from kyojo.help.safety.domain import GROUNDS, SIGNS, URGENCIES
from kyojo.help.safety.models import Accident, Worry
from kyojo.kernel import clock
from kyojo.kernel.wording import grouped_phone, jdate_plain, jhour

from ...http import as_file
from ...safety.accident_forms import lines_of


def pdf_given(content: bytes, *, name: str) -> HttpResponse:
    return as_file(content, name, inline=True, cache="private, no-store")


def sender() -> tuple[str, ...]:
    """The office, as it stands on papers."""
    town = Municipality.objects.get(pk=current())
    name = town.office_name if town.name in town.office_name else f"{town.name} {town.office_name}"
    return (name, f"電話 {grouped_phone(town.office_phone)}")


def moment(at: Any) -> str:
    return f"{jdate_plain(at)} {jhour(at)}"


def worry_report(worry: Worry, content: dict[str, Any]) -> bytes:
    """One page: what was noticed, about whom, on what ground, by whom."""
    about, reporter = content["about"], content["reporter"]
    ground = GROUNDS[worry.ground]
    law = f"\n{ground.law}（{jdate_plain(ground.as_of)}現在）" if ground.as_of else ""
    age = f"{about['age']}歳" if about.get("age") is not None else ""
    urgency = URGENCIES[worry.urgency]
    report = Report(
        title="気になること 連絡票",
        mark="秘" if worry.urgency != "abuse" else "秘・至急（虐待のおそれ）",
        to=(f"{worry.centre.name} 御中",) if worry.centre else (),
        sender=sender(),
        parts=(
            Part(
                "受付",
                (
                    ("番号", worry.number),
                    ("受けた日時", moment(worry.at)),
                    ("急ぎぐあい", f"{urgency.label}（期限 {moment(worry.due_at)}）"),
                ),
            ),
            Part(
                "だれのこと",
                (
                    ("名前", f"{about.get('name', '')} {age}".strip()),
                    ("住所", about.get("address") or worry.area_name),
                    ("家族", about.get("family", "")),
                ),
            ),
            Part(
                "気になったこと",
                (
                    ("内容", "\n".join(SIGNS[code].label for code in content["signs"])),
                    ("くわしいこと", content["words"]),
                    ("ご本人への話", f"{ground.label}\n{ground.note}{law}"),
                ),
            ),
            Part(
                "気づいた人（センターの中だけで使うこと）",
                (
                    ("名前", f"{reporter.get('name', '')}（{reporter.get('kana', '')}）"),
                    ("電話", grouped_phone(reporter.get("phone", ""))),
                ),
            ),
            Part("センターの対応", (("訪問・電話", ""), ("担当", ""))),
        ),
        note="通報した人が分かることを、ほかに伝えてはいけません（高齢者虐待防止法 第8条）。"
        if worry.urgency == "abuse"
        else "",
        foot=f"気になること {worry.number}",
    )
    return report_pdf(report, made_on=clock.today())


def accident_report_pdf(accident: Accident, answers: dict[str, str]) -> bytes:
    """The report in the order in which insurers of activities ask."""
    happened = moment(accident.happened_at) if accident.happened_at else ""
    due = jdate_plain(accident.due_on) if accident.due_on else ""
    writer = {"supporter": "活動をした人", "carer": "依頼した人", "office": "事務局"}
    report = Report(
        title="事故報告書",
        to=("（保険会社） 御中",),
        sender=sender(),
        parts=(
            Part(
                "報告",
                (
                    ("報告番号", accident.number),
                    ("保険会社の受付番号", accident.insurer_number),
                    ("事故の日時", happened),
                    ("報告の期限", due),
                    ("書いた人", writer.get(accident.by_role, "")),
                ),
            ),
            *(Part(title, tuple(rows)) for title, rows in lines_of(answers)),
            Part("確認", (("団体の責任者", ""), ("担当", ""))),
        ),
        note="上のとおり報告します。",
        foot=f"事故報告書 {accident.number}",
    )
    return report_pdf(report, made_on=clock.today())
