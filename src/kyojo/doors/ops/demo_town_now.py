"""What is going on in the demo's towns at this moment: something to do for everyone one can be."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.services import employment_request
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import notices_mark_all_read
from kyojo.civic.programmes.selectors import COIN_PROGRAMME
from kyojo.civic.programmes.services import issuance_request
from kyojo.help.matching import services as matching
from kyojo.help.matching.models import Offer
from kyojo.help.matching.waiting import wait_choices
from kyojo.help.support import services as support
from kyojo.kernel import clock

from .demo_town_cast import KITA, MIDORI, STAFF
from .demo_town_history import Agenda, Plan, request_make, visit_add
from .demo_town_people import People, newcomer, uid_of
from .demo_town_troubles import troubles_add
from .demo_town_warm import warm_add
from .models import DemoClock, DemoRole

SATURDAY, SUNDAY, TUESDAY = 5, 6, 1


def day_after(today: date, weekday: int, days_at_least: int) -> date:
    """The next such weekday, at least so many days ahead."""
    first = today + timedelta(days=days_at_least)
    return first + timedelta(days=(weekday - first.weekday()) % 7)


def now_add(agenda: Agenda, town: People, now: datetime) -> None:
    """Put on the agenda what leads to the present state of things."""
    today = clock.local(now).date()
    agenda.add(now - timedelta(hours=40), lambda: _news_read(town))
    shopping, garden, disputed = _promised_add(agenda, town, now, today)
    warm_add(agenda, town, now, shopping, garden)
    troubles_add(agenda, town, now, disputed)
    _open_cases_add(agenda, town, now, today)
    agenda.add(now - timedelta(hours=1), _lapse)
    agenda.add(now - timedelta(hours=9), lambda: _newcomer_waits(town, now))
    agenda.add(now - timedelta(minutes=40), lambda: _issuance_waits(town))


def _news_read(town: People) -> None:
    everybody = [person for _, person in (*town.helpers.values(), *town.askers.values())]
    if town.mother is not None:
        everybody.append(town.mother)
    for person in everybody:
        with tenant(person.municipality_id):
            notices_mark_all_read(person=person)


def _promised_add(
    agenda: Agenda, town: People, now: datetime, today: date
) -> tuple[Plan, Plan, Plan]:
    """青空 みなみ: one visit ended yesterday and waits for her yes; one is reserved for Saturday.
    花曇 ゆう and the office talk about one."""
    place = town.places["minami", "haha"]
    shopping = Plan(
        uid=uid_of("now", "shopping"), asker="minami", place=place, helper="wakakusa",
        category="shopping", starts_at=clock.at(today - timedelta(days=1), 10), minutes=60,
        fate="ended", asked_at=clock.at(today - timedelta(days=4), 9, 12),
    )  # fmt: skip
    visit_add(agenda, town, shopping, until=now)
    garden = Plan(
        uid=uid_of("now", "garden"), asker="minami", place=place, helper="ken",
        category="garden", starts_at=clock.at(day_after(today, SATURDAY, 2), 10), minutes=120,
        memo="草取りと、ミカンの枝を少し切ってほしいです。はさみとゴミ袋は物置にあります。",
        fate="reserved", asked_at=now - timedelta(hours=32),
    )  # fmt: skip
    visit_add(agenda, town, garden, until=now)
    disputed = Plan(
        uid=uid_of("now", "disputed"), asker="yu", place=town.places["yu", "own"],
        helper="wakakusa", category="clean", fate="disputed",
        starts_at=clock.at(today - timedelta(days=3), 13), minutes=60,
        asked_at=clock.at(today - timedelta(days=5), 10),
    )  # fmt: skip
    visit_add(agenda, town, disputed, until=now)
    return shopping, garden, disputed


def _open_cases_add(agenda: Agenda, town: People, now: datetime, today: date) -> None:
    """Questions that stand: some without an answer, one with OKs, one to 夕凪 なお alone."""

    def case(
        key: str,
        asker: str,
        home: str,
        category: str,
        day: date,
        hour: int,
        minutes: int,
        memo: str,
    ) -> Plan:
        return Plan(
            uid=uid_of("now", key), asker=asker, place=town.places[asker, home], helper="",
            category=category, starts_at=clock.at(day, hour), minutes=minutes, memo=memo,
        )  # fmt: skip

    ride = case("ride", "nami", "chichi", "ride", day_after(today, TUESDAY, 3), 9, 60,
                "病院までの送り迎えをお願いします。")  # fmt: skip
    agenda.add(now - timedelta(hours=26), lambda: _broadcast(town, ride, longest=False))
    agenda.add(now - timedelta(hours=24), lambda: _answers(ride, no=1))
    heavy = case("heavy", "yu", "own", "heavy", day_after(today, SUNDAY, 2), 14, 60,
                 "たんすを、となりの部屋へ動かしたいです。")  # fmt: skip
    agenda.add(now - timedelta(hours=19), lambda: _broadcast(town, heavy, longest=True))
    agenda.add(now - timedelta(hours=18), lambda: _answers(heavy, no=2))
    talk = case("talk", "ren", "sobo", "talk", day_after(today, SATURDAY, 3), 15, 30, "")
    agenda.add(now - timedelta(hours=5), lambda: _open(town, talk))
    oks = case("oks", "sato", "haha", "garden", day_after(today, SATURDAY, 4), 10, 120,
               "花だんの草取りをお願いします。")  # fmt: skip
    agenda.add(now - timedelta(hours=20), lambda: _broadcast(town, oks, longest=True))
    agenda.add(now - timedelta(hours=7), lambda: _answers(oks, yes=2, no=1))
    walk = case("walk", "nami", "own", "stroll", day_after(today, SUNDAY, 2), 9, 60,
                "柴犬です。浜辺の道を歩くのが好きです。")  # fmt: skip
    agenda.add(now - timedelta(hours=3), lambda: _ask_nao(town, walk))


def _open(town: People, plan: Plan) -> Person:
    carer = town.askers[plan.asker][1]
    with tenant(carer.municipality_id):
        request_make(plan, carer)
    return carer


def _broadcast(town: People, plan: Plan, *, longest: bool) -> None:
    carer = _open(town, plan)
    choices = wait_choices(now=clock.local(), starts_at=clock.local(plan.starts_at))
    with tenant(carer.municipality_id):
        matching.offers_broadcast(
            order_id=uid_of("broadcast", plan.uid),
            request_uid=plan.uid,
            carer=carer,
            decide="self",
            wait_until=choices[-1 if longest else 0].until,
        )


def _answers(plan: Plan, *, yes: int = 0, no: int = 0) -> None:
    """The first of those who were asked say OK, the next ones that they cannot."""
    with tenant(MIDORI):
        offers = list(
            Offer.objects.filter(request_uid=plan.uid, supporter__isnull=False)
            .select_related("supporter")
            .order_by("rank")
        )
        for offer, is_yes in zip(offers, [True] * yes + [False] * no, strict=False):
            support.offer_answer(offer_uid=offer.uid, supporter=offer.supporter, yes=is_yes)


def _ask_nao(town: People, plan: Plan) -> None:
    carer = _open(town, plan)
    with tenant(carer.municipality_id):
        matching.offer_ask(
            order_id=uid_of("offer", plan.uid),
            request_uid=plan.uid,
            carer=carer,
            supporter_uid=town.helpers["nao"][1].uid,
            supporter_municipality_id=MIDORI,
        )


def _lapse() -> None:
    for code in Municipality.objects.values_list("id", flat=True):
        with tenant(code):
            matching.offers_lapse()


def _newcomer_waits(town: People, now: datetime) -> None:
    """Registered this morning: the identity is not checked yet, the company has not answered."""
    person = newcomer(town, now)
    with tenant(MIDORI):
        employment_request(
            uid=uid_of("employment", "newcomer"),
            person=person,
            company_slug="mihon-denki",
            employee_number="E-4410",
        )


def _issuance_waits(town: People) -> None:
    with tenant(MIDORI):
        issuance_request(
            uid=uid_of("issuance", "more"),
            programme_code=COIN_PROGRAMME,
            amount=20_000,
            reason="冬の見守りのための追加",
            by=town.ground.staff[MIDORI, "officer"],
        )


# --- who one can be -------------------------------------------------------------------------------

CARERS, SUPPORTERS = "ケアする人", "サポーター"
RECIPIENTS, DESK, COMPANIES = "ケアを受ける人", "市の職員・コーディネーター", "会社の担当"

_MEMBERS = (
    (CARERS, "carer-minami", "minami", "はなれて暮らす母の家に、手伝いをたのみます。きのうの買い物の確認が待ち、母のようすのたよりが届いています。"),
    (CARERS, "carer-sato", "sato", "母の庭の草取りに、OKの返事が来ています。来る人を決めます。"),
    (CARERS, "carer-nami", "nami", "子育てと父の介護がいっしょです。送り迎えの人が、まだ決まっていません。"),
    (CARERS, "carer-yu", "yu", "小さな子どもがいます。そうじのことで、センターと話し合っています。"),
    (CARERS, "carer-ren", "ren", "大学に通いながら、祖母のようすを見ています。話し相手をさがしています。"),
    (SUPPORTERS, "supporter-ken", "ken", "元 造園業。土曜に、青空さんの母の家で庭の手入れをします。メッセージとバッジがあります。"),
    (SUPPORTERS, "supporter-jun", "jun", "大学生。歩いて行ける近くの家を手伝います。"),
    (SUPPORTERS, "supporter-tae", "tae", "園芸クラブの人。午前に、庭と話し相手をします。グループの世話役です。"),
    (SUPPORTERS, "supporter-nao", "nao", "みほん電機の会社員。犬のさんぽのお願いが届いています。"),
    (SUPPORTERS, "supporter-wakakusa", "wakakusa", "きのう、青空さんの母の家で買い物をしました。"),
)  # fmt: skip
_STAFF_STORIES = {
    (MIDORI, "officer"): "コインの発行、配布、話し合いの決定、本人確認をします。",
    (MIDORI, "chief"): "発行の承認が1件待っています。",
    (MIDORI, "coordinator"): "返事のない依頼を引きつぎ、気になることを読みます。",
    (MIDORI, "office"): "電話で受けたお返事を書きとめます。",
    (KITA, "officer"): "北ひなた市のコインを発行し、ケアする人に配ります。",
    (KITA, "chief"): "北ひなた市の発行と配布を承認します。",
}


def roles_write(town: People) -> None:
    """The people one can be, in the order in which they are listed."""
    DemoClock.objects.get_or_create(pk=1)
    for position, (group, key, user, name, story) in enumerate(_roles(town), start=1):
        DemoRole.objects.create(
            key=key, user=user, group=group, name=name, story=story, position=position
        )


def _roles(town: People) -> Iterable[tuple[str, str, User, str, str]]:
    everybody = {key: person for key, (_, person) in (*town.askers.items(), *town.helpers.items())}
    towns = dict(Municipality.objects.values_list("id", "name"))
    for group, key, who, story in _MEMBERS:
        person = everybody[who]
        yield group, key, person.user, f"{person.name}（{towns[person.municipality_id]}）", story
        if key == "supporter-wakakusa":
            mother = town.mother
            assert mother is not None
            story = "82歳。娘のたのんだ人が来てよいかを、自分で決めます。"
            yield RECIPIENTS, "recipient-fumi", mother.user, f"{mother.name}（みどり浜市）", story
    for code, key, _, title, name, _, _ in STAFF:
        found = _STAFF_STORIES.get((code, key))
        if found:
            slug = "" if code == MIDORI else "-kita"
            user = town.ground.staff[code, key]
            yield DESK, f"{key}{slug}", user, f"{name}（{towns[code]} {title}）", found
    for slug, key, name, story in (
        ("mihon-denki", "company-officer", "みほん電機の担当", "社員の確認が1件待っています。会社の合計を見られます。"),
        ("hinagata-shinkin", "company-hinagata", "ひながた信用金庫の担当", "会社の合計と順位を見られます。"),
    ):  # fmt: skip
        yield COMPANIES, key, town.company_officers[slug], name, story
