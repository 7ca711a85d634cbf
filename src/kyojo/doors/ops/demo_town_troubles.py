"""What went wrong in the demo's towns, and what was done: somebody asked for help and got it, a
centre hears what a visitor noticed, the office has a report.

What waits for the office to decide about coins and people is in the full town only: the stories
play in the small one, and bring their own before it.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import check_look
from kyojo.commons.privacy.services import erasure_propose
from kyojo.help.community import services as community
from kyojo.help.safety import services as safety
from kyojo.help.support import services as support
from kyojo.help.support.fraud_selectors import looks_open_since
from kyojo.kernel import clock

from .demo_town_cast import MIDORI
from .demo_town_history import Agenda, Plan, visit_add, visit_uid_for
from .demo_town_people import People, member_come, uid_of
from .demo_town_warm import flowers

#: What an insurer's form is answered with, part by part.
ACCIDENT = (
    {"where": "庭", "what": "切った枝を運ぶときに、縁側の窓ガラスに当たり、ひびが入りました。"},
    {"hurt": "none"},
    {"damaged": "yes", "damage": "窓ガラス1枚にひび", "owner": "霧島 すえ", "cost": "12000"},
    {"phone": "070-0000-2001"},
)  # fmt: skip


def troubles_add(agenda: Agenda, town: People, now: datetime, disputed: Plan) -> None:
    """Put it on the agenda. ``disputed`` is the visit about which 花曇 ゆう and the office talk."""
    _dizzy_add(agenda, town, now)
    _noticed_add(agenda, town, now)
    agenda.add(disputed.ends_at + timedelta(hours=5), lambda: _reported(town, disputed))
    agenda.add(now - timedelta(days=6), lambda: _call(town))
    if town.small:
        return
    _ruled_add(agenda, town, now)
    _appealed_add(agenda, town, now)
    _one_phone_add(agenda, town, now)
    _trouble_add(agenda, town, now)
    agenda.add(now - timedelta(hours=10), lambda: _stopped(town))
    _waiting_add(agenda, town, now)


def looks_add(agenda: Agenda, town: People, start: date, now: datetime) -> None:
    """Every third day an officer asks about the visits that look odd, and nothing is wrong. What
    came up since the last time waits."""
    moment = now - timedelta(days=3)
    while clock.local(moment).date() > start:
        agenda.add(moment, lambda: _cleared(town))
        moment -= timedelta(days=3)


def _cleared(town: People) -> None:
    with tenant(MIDORI):
        waiting = [one.uid for one in looks_open_since()]
        if waiting:
            note = "おふたりに電話でうかがい、問題ありませんでした。"
            support.looks_clear(uids=waiting, by=_staff(town, "officer"), note=note)


def _plan(town: People, now: datetime, key: str, asker: str, home: str, helper: str,
          category: str, days: int, hour: int, minutes: int, fate: str) -> Plan:  # fmt: skip
    """A visit of ``days`` ago, asked for three days before."""
    day = clock.local(now).date() - timedelta(days=days)
    return Plan(
        uid=uid_of("trouble", key), asker=asker, place=town.places[asker, home], helper=helper,
        category=category, starts_at=clock.at(day, hour), minutes=minutes, fate=fate,
        asked_at=clock.at(day - timedelta(days=3), 9, 20),
    )  # fmt: skip


def _staff(town: People, who: str, code: int = MIDORI) -> User:
    return town.ground.staff[code, who]


# --- asked for help, and told ---------------------------------------------------------------------
def _dizzy_add(agenda: Agenda, town: People, now: datetime) -> None:
    """若草 なお presses for help, the office calls, the family comes; the centre hears of it."""
    plan = _plan(town, now, "dizzy", "c01", "other", "wakakusa", "clean", 2, 14, 60, "settled")
    visit_add(agenda, town, plan, until=now)
    pressed = plan.starts_at + timedelta(minutes=20)
    agenda.add(pressed, lambda: _pressed(town, plan))
    agenda.add(pressed + timedelta(minutes=1), lambda: _taken(town))
    agenda.add(pressed + timedelta(minutes=25), lambda: _over(town))
    agenda.add(plan.ends_at + timedelta(minutes=30), lambda: _told_ill(town, plan))
    agenda.add(plan.ends_at + timedelta(hours=20), lambda: _answered(town))


EMERGENCY, ILL, MEMORY = uid_of("emergency"), uid_of("worry", "ill"), uid_of("worry", "memory")


def _pressed(town: People, plan: Plan) -> None:
    supporter = town.helpers[plan.helper][1]
    with tenant(supporter.municipality_id):
        safety.emergency_raise(uid=EMERGENCY, visit_uid=visit_uid_for(plan), by=supporter)


def _taken(town: People) -> None:
    with tenant(MIDORI):
        by = _staff(town, "coordinator")
        safety.emergency_acknowledge(uid=EMERGENCY, by=by)
        words = "お電話しました。立ちくらみで座りこまれたが、話はできる。水を飲んでもらい、横になっている。"
        safety.emergency_note(uid=EMERGENCY, words=words, by=by)


def _over(town: People) -> None:
    with tenant(MIDORI):
        safety.emergency_close(
            uid=EMERGENCY,
            outcome="family",
            words="近くに住む妹さんが来られ、いっしょに病院へ行くことになりました。",
            by=_staff(town, "coordinator"),
        )


def _told_ill(town: People, plan: Plan) -> None:
    supporter = town.helpers[plan.helper][1]
    with tenant(supporter.municipality_id):
        safety.worry_tell(
            uid=ILL,
            visit_uid=visit_uid_for(plan),
            by=supporter,
            signs=["illness"],
            words="立ちくらみで座りこまれました。飲んでいない薬が、台所にたくさんありました。",
            ground="consent",
        )


def _answered(town: People) -> None:
    by = _staff(town, "coordinator")
    with tenant(MIDORI):
        words = "知らせてくださって、ありがとうございます。きょう、看護師がお宅をたずねました。"
        safety.worry_answer(uid=ILL, words=words, by=by)
        words = "薬を1日分ずつ分ける箱をお渡しし、かかりつけの先生に伝えました。"
        safety.worry_close(uid=ILL, words=words, by=by)


def _noticed_add(agenda: Agenda, town: People, now: datetime) -> None:
    """What 木漏日 たえ noticed in the garden waits for the centre."""
    plan = flowers(town, now)
    agenda.add(plan.ends_at + timedelta(hours=2), lambda: _told_memory(town, plan))


def _told_memory(town: People, plan: Plan) -> None:
    supporter = town.helpers[plan.helper][1]
    with tenant(supporter.municipality_id):
        safety.worry_tell(
            uid=MEMORY,
            visit_uid=visit_uid_for(plan),
            by=supporter,
            signs=["memory"],
            words="同じ話を3回されました。なべを火にかけたまま、庭に出てこられました。",
            ground="consent",
        )


# --- cases ----------------------------------------------------------------------------------------
def _reported(town: People, plan: Plan) -> None:
    carer, supporter = town.askers[plan.asker][1], town.helpers[plan.helper][1]
    uid = uid_of("report", plan.uid)
    with tenant(carer.municipality_id):
        community.report_send(
            order_id=uid,
            reporter=carer,
            subject_kind="visit",
            subject_uid=visit_uid_for(plan),
            about=[(supporter.municipality_id, supporter.uid)],
            reasons=["privacy"],
            words="前に行ったお宅のことを、名前を出して話していました。うちのことも話されないか、心配です。",
        )
        by = _staff(town, "coordinator-3")
        community.case_take(uid=uid, by=by, owner=by)
        community.case_note_add(
            order_id=uid_of("note", uid),
            uid=uid,
            by=by,
            step="called",
            words="花曇さんに電話で話をうかがった。若草さんにも、あす電話する。",
        )


def _call(town: People) -> None:
    """Somebody told the office by telephone; it is closed."""
    uid, by = uid_of("case", "call"), _staff(town, "office")
    with tenant(MIDORI):
        community.case_open(
            uid=uid,
            kind="other",
            urgency="usual",
            subject_kind="",
            subject_uid=None,
            about=[],
            words="共助センターの名前で、口座の番号を聞く電話があったと、川北地区の方から知らせがあった。",
        )
        community.case_take(uid=uid, by=by, owner=by)
        community.case_close(
            uid=uid,
            by=by,
            outcome="passed",
            words="警察の相談窓口につなぎ、地区の回覧で気をつけるようお知らせした。",
        )


def _stopped(town: People) -> None:
    """A coordinator has stopped somebody for now; an officer is to look."""
    uid, by = uid_of("case", "stopped"), _staff(town, "coordinator")
    person = town.helpers["m40"][1]
    with tenant(MIDORI):
        community.case_open(
            uid=uid,
            kind="report",
            urgency="soon",
            subject_kind="person",
            subject_uid=person.uid,
            about=[person.uid],
            words="お金を立てかえてほしいと、2つのお宅でたのまれたと、電話があった。",
            reasons=["money"],
        )
        community.case_take(uid=uid, by=by, owner=by)
        support.person_suspend(
            uid=uid_of("suspension", "m40"),
            person=person,
            by=by,
            reason="お金の立てかえをたのまれた、という知らせがありました。"
            "お話をうかがうまで、支援をお休みください。",
            case_uid=uid,
        )


# --- coins that wait for a word -------------------------------------------------------------------
def _ruled_add(agenda: Agenda, town: People, now: datetime) -> None:
    """The officer ruled that a part is paid; the carer agreed, the supporter has not said yet."""
    plan = _plan(town, now, "ruled", "c03", "other", "jun", "garden", 3, 15, 60, "disputed")
    visit_add(agenda, town, plan, until=now)
    uid, carer = visit_uid_for(plan), town.askers[plan.asker][1]
    ruled = plan.ends_at + timedelta(hours=22)
    words = "おふたりにうかがいました。草取りは終わり、枝の片づけが残ったので、半分にします。"
    agenda.add(ruled, _rule(town, plan, "pay_part", words, plan.minutes // 6))

    def agreed() -> None:
        with tenant(carer.municipality_id):
            support.ruling_accept(visit_uid=uid, by=carer)

    agenda.add(ruled + timedelta(hours=5), agreed)
    agenda.add(ruled + timedelta(hours=6), lambda: _accident(town, plan))


def _appealed_add(agenda: Agenda, town: People, now: datetime) -> None:
    """The officer ruled that all coins return; the supporter objects, and another is to decide."""
    plan = _plan(town, now, "appealed", "nami", "chichi", "tae", "garden", 3, 10, 60, "disputed")
    visit_add(agenda, town, plan, until=now)
    uid, supporter = visit_uid_for(plan), town.helpers[plan.helper][1]
    ruled = now - timedelta(hours=30)
    words = "枝切りがなかったとうかがい、全部お返しします。"
    agenda.add(ruled, _rule(town, plan, "return", words))

    def objected() -> None:
        with tenant(supporter.municipality_id):
            words = "雨で枝切りはできませんでしたが、草取りを1時間しました。ご家族も見ていました。"
            support.ruling_appeal(visit_uid=uid, by=supporter, words=words)

    agenda.add(ruled + timedelta(hours=23), objected)


def _rule(
    town: People, plan: Plan, resolution: str, words: str, coins: int | None = None
) -> Callable[[], None]:
    def step() -> None:
        with tenant(MIDORI):
            support.dispute_resolve(
                visit_uid=visit_uid_for(plan),
                by=_staff(town, "officer"),
                resolution=resolution,
                words=words,
                paid_coins=coins,
            )

    return step


def _one_phone_add(agenda: Agenda, town: People, now: datetime) -> None:
    """One telephone pressed for both sides, and its place never moved: the office is to look
    before coins move."""
    plan = _plan(town, now, "one phone", "c07", "other", "m36", "garden", 2, 9, 120, "copied")
    visit_add(agenda, town, plan, until=now)
    uid, cookie = visit_uid_for(plan), "the-telephone-of-one-family"
    carer, supporter = town.askers[plan.asker][1], town.helpers[plan.helper][1]

    def pressed(by: Person, moment: str) -> Callable[[], None]:
        def step() -> None:
            with tenant(by.municipality_id):
                support.device_keep(visit_uid=uid, by=by, moment=moment, cookie=cookie)

        return step

    def confirmed() -> None:
        pressed(carer, "confirm")()
        with tenant(carer.municipality_id):
            support.visit_confirm(visit_uid=uid, carer=carer)

    agenda.add(plan.starts_at + timedelta(minutes=10), pressed(supporter, "start"))
    agenda.add(plan.ends_at + timedelta(minutes=12), pressed(supporter, "end"))
    agenda.add(plan.ends_at + timedelta(minutes=15), confirmed)


def _trouble_add(agenda: Agenda, town: People, now: datetime) -> None:
    """Paid, and the carer told the office alone that there was trouble."""
    plan = _plan(town, now, "trouble", "c11", "other", "m30", "laundry", 3, 9, 60, "ended")
    visit_add(agenda, town, plan, until=now)
    uid, carer = visit_uid_for(plan), town.askers[plan.asker][1]

    def told() -> None:
        with tenant(carer.municipality_id):
            support.visit_confirm(visit_uid=uid, carer=carer)
            support.review_write(
                order_id=uid_of("review", uid),
                visit_uid=uid,
                writer=carer,
                rating=1,
                message="約束の時間に、連絡なく20分おくれて来られました。母が心配していました。",
            )

    agenda.add(plan.ends_at + timedelta(hours=3), told)


# --- what waits for a second word -----------------------------------------------------------------
def _accident(town: People, plan: Plan) -> None:
    """A window cracked; the report is to be sent to the insurer."""
    supporter, uid = town.helpers[plan.helper][1], visit_uid_for(plan)
    begun = clock.local(plan.starts_at)
    known = {"day": begun.date().isoformat(), "hour": f"{begun:%H}:30"}
    with tenant(supporter.municipality_id):
        safety.accident_start(visit_uid=uid, by=supporter)
        for part, answers in enumerate(ACCIDENT, start=1):
            given = known | answers if part == 1 else answers
            safety.accident_write(by=supporter, part=part, answers=given, visit_uid=uid)
        safety.accident_report(by=supporter, visit_uid=uid)


def _waiting_add(agenda: Agenda, town: People, now: datetime) -> None:
    """Newcomers: one was seen by one officer, one is under 18; somebody wants to be forgotten."""
    today = clock.local(now).date()
    leaving: list[Person] = []

    def seen() -> None:
        with tenant(MIDORI):
            check_look(
                uid=uid_of("look", "madoka"),
                person=_came("madoka", "薄氷 まどか", "うすらい まどか", date(1986, 2, 4)),
                kind="identity",
                document="driver",
                items=["name", "birth_date", "address", "face"],
                by=_staff(town, "officer"),
            )

    def young() -> None:
        with tenant(MIDORI):
            _came("sora", "若鮎 そら", "わかあゆ そら", date(today.year - 16, 1, 15))

    def forgotten() -> None:
        with tenant(MIDORI):
            erasure_propose(
                uid=uid_of("erasure", "hisashi"),
                person=leaving[0],
                by=_staff(town, "officer"),
                basis="paper",
            )

    def came() -> None:
        with tenant(MIDORI):
            leaving.append(
                _came("hisashi", "残雪 ひさし", "ざんせつ ひさし", date(1958, 10, 2), role="carer")
            )

    agenda.add(now - timedelta(days=100), came)
    agenda.add(now - timedelta(hours=30), young)
    agenda.add(now - timedelta(hours=4), seen)
    agenda.add(now - timedelta(hours=20), forgotten)


def _came(key: str, name: str, kana: str, born: date, role: str = "supporter") -> Person:
    return member_come(MIDORI, key, name, kana, born.isoformat(), (role,))
