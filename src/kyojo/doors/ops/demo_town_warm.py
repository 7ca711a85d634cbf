"""What is warm around the visits of the demo's towns: faces, a line home, messages, a photo of the
work, reviews of both sides, badges and a certificate, a group of neighbours, a card at a door."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.rounds import towns_each, within
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import young_carer_say
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.community import services as community
from kyojo.help.community.domain import Part, Talk
from kyojo.help.recognition import services as recognition
from kyojo.help.recognition.models import Badge
from kyojo.help.recognition.rounds import recognise_all
from kyojo.help.support import services as support
from kyojo.kernel import clock

from . import demo_town_pictures as pictures
from .demo_town_cast import MIDORI
from .demo_town_history import Agenda, Plan, offer_uid_of, visit_add, visit_uid_for
from .demo_town_people import People, uid_of

FACES = (("ken", "moss"), ("tae", "plum"), ("jun", "sky"), ("wakakusa", "sand"))
#: Minutes after the question, by when it was answered with OK; who writes, what.
TALK = (
    (480, "carer", "はじめまして。母の家は、白いへいの角です。犬はいません。"),
    (550, "supporter", "わかりました。はさみと軍手は、こちらで用意します。"),
    (570, "carer", "ありがとうございます。お待ちしています。"),
)
GARDENERS = ("jun", "ken")


def warm_add(agenda: Agenda, town: People, now: datetime, shopping: Plan, garden: Plan) -> None:
    """Put it on the agenda. ``shopping`` was yesterday at 青空 ふみ's, ``garden`` is on Saturday."""
    for key, look in FACES:
        agenda.add(now - timedelta(days=60), _face(town, key, look))
    agenda.add(now - timedelta(days=30), lambda: _group(town))
    agenda.add(now - timedelta(days=20), lambda: _door_card(town))
    agenda.add(now - timedelta(days=9), lambda: _contact(town))
    agenda.add(now - timedelta(hours=41), _badges)
    agenda.add(now - timedelta(hours=39), lambda: _shown(town))
    _talk_add(agenda, town, garden)
    agenda.add(shopping.ends_at + timedelta(hours=2), lambda: _letter(town, shopping))
    _flowers_add(agenda, town, now)


def _face(town: People, key: str, look: str) -> Callable[[], None]:
    def step() -> None:
        person = town.helpers[key][1]
        with tenant(person.municipality_id):
            support.portrait_set(person=person, picture=pictures.face(look))

    return step


# --- messages and a line home ---------------------------------------------------------------------
def _talk_add(agenda: Agenda, town: People, plan: Plan) -> None:
    assert plan.asked_at is not None
    for minutes, who, words in TALK:
        agenda.add(plan.asked_at + timedelta(minutes=minutes), _message(town, plan, who, words))


def _message(town: People, plan: Plan, who: str, words: str) -> Callable[[], None]:
    def step() -> None:
        carer, supporter = town.askers[plan.asker][1], town.helpers[plan.helper][1]
        writer = carer if who == "carer" else supporter
        with tenant(writer.municipality_id):
            community.message_send(
                order_id=uid_of("message", plan.uid, words),
                talk=talk_of(plan, carer, supporter),
                author=writer,
                words=words,
            )

    return step


def talk_of(plan: Plan, carer: Person, supporter: Person) -> Talk:
    """The thread about a booked visit, as the pages hand it in."""
    with tenant(carer.municipality_id):
        rule = programme_current()[1].messages
    offer = offer_uid_of(plan)
    return Talk(
        about_uid=offer,
        parts=tuple(
            Part(one.uid, one.municipality_id, role, one.name)
            for one, role in ((carer, "carer"), (supporter, "supporter"))
        ),
        is_firm=True,
        opens=True,
        closes_at=plan.ends_at + timedelta(days=rule.open_days_after),
        purge_at=plan.ends_at + timedelta(days=rule.kept_days),
        path=f"/messages/{offer}/",
    )


def _letter(town: People, plan: Plan) -> None:
    """Yesterday's line to the daughter, and an address for her brother."""
    supporter, carer = town.helpers[plan.helper][1], town.askers[plan.asker][1]
    with tenant(supporter.municipality_id):
        support.letter_send(
            uid=uid_of("letter", plan.uid),
            visit_uid=visit_uid_for(plan),
            by=supporter,
            words="お元気でした。庭の花が咲いたと、うれしそうに見せてくださいました。",
            picture=pictures.flower_bed(),
            consent=True,
        )
    with tenant(carer.municipality_id):
        support.family_link_make(uid=uid_of("family", plan.asker), carer=carer, label="弟")


# --- a garden with a photo and two reviews --------------------------------------------------------
def flowers(town: People, now: datetime) -> Plan:
    """木漏日 たえ weeds the bed of 小春日 さと's mother, the day before yesterday."""
    day = clock.local(now).date() - timedelta(days=2)
    return Plan(
        uid=uid_of("now", "flowers"), asker="sato", place=town.places["sato", "haha"],
        helper="tae", category="garden", starts_at=clock.at(day, 10), minutes=60,
        asked_at=clock.at(day - timedelta(days=3), 9, 30),
    )  # fmt: skip


def _flowers_add(agenda: Agenda, town: People, now: datetime) -> None:
    plan = flowers(town, now)
    visit_add(agenda, town, plan, until=now)
    uid, supporter = visit_uid_for(plan), town.helpers[plan.helper][1]
    agenda.add(plan.starts_at - timedelta(minutes=80), lambda: _photos_allowed(town, uid))
    agenda.add(plan.ends_at - timedelta(minutes=6), lambda: _photo(supporter, uid))
    agenda.add(plan.ends_at + timedelta(hours=20), lambda: _review_back(supporter, uid))


def _photos_allowed(town: People, visit_uid: UUID) -> None:
    with tenant(MIDORI):
        office = town.ground.staff[MIDORI, "office"]
        support.photos_allow(visit_uid=visit_uid, by=office, allowed=True, basis="phone")


def _photo(supporter: Person, visit_uid: UUID) -> None:
    with tenant(supporter.municipality_id):
        support.photo_add(
            visit_uid=visit_uid,
            supporter=supporter,
            nonce=uid_of("photo", visit_uid),
            moment="end",
            picture=pictures.flower_bed(),
        )


def _review_back(supporter: Person, visit_uid: UUID) -> None:
    with tenant(supporter.municipality_id):
        support.review_write(
            order_id=uid_of("review back", visit_uid),
            visit_uid=visit_uid,
            writer=supporter,
            rating=5,
            message="お茶をごちそうになりました。楽しい時間でした。",
        )


# --- badges ---------------------------------------------------------------------------------------
def _badges() -> None:
    """What the worker does every night."""
    towns_each(within(recognise_all), job="recognise_all")


def _shown(town: People) -> None:
    """春風 けん shows one badge to everybody and has his hours certified."""
    person = town.helpers["ken"][1]
    with tenant(person.municipality_id):
        badge = Badge.objects.filter(person=person, revoked_at=None).order_by("pk").first()
        recognition.badge_public_set(person=person, uid=badge.uid, is_public=True)
        recognition.badge_card_set(person=person, uid=badge.uid, is_on_card=True)
        recognition.student_certificate_make(
            uid=uid_of("certificate", "ken"),
            person=person,
            since=clock.today() - timedelta(days=120),
            until=clock.today(),
        )
        recognition.sign_due()


# --- around the town ------------------------------------------------------------------------------
def _group(town: People) -> None:
    """Gardeners of 港地区, with a notice on their board."""
    founder, uid = town.helpers["tae"][1], uid_of("group", "garden")
    with tenant(MIDORI):
        community.group_found(
            order_id=uid,
            founder=founder,
            name="港の庭しごとの会",
            kind="neighbours",
            about="庭の手入れが好きな人の集まりです。月に1度、見本公民館の花だんを手入れします。",
            is_open=True,
            area=Area.objects.get(kind="living_area", code="minato"),
        )
        for key in GARDENERS:
            community.group_join(uid=uid, person=town.helpers[key][1])
        community.post_write(
            order_id=uid_of("post", "garden"),
            uid=uid,
            author=founder,
            words="来月は、第2日曜の9時に集まります。雨のときは、次の週にします。",
        )


def _door_card(town: People) -> None:
    """A printed card at the door of somebody who has no smartphone."""
    recipient = town.places["sato", "haha"].recipient_uid
    with tenant(MIDORI):
        support.tag_enrol(
            uid=uid_of("tag", "sato"),
            kind="qr_card",
            label="玄関のくつ箱の上",
            by=town.ground.staff[MIDORI, "office"],
            recipient_uid=recipient,
        )


def _contact(town: People) -> None:
    """雨宿 れん, who looks after a grandmother, would like a coordinator to turn to."""
    person = town.askers["ren"][1]
    with tenant(person.municipality_id):
        young_carer_say(person=person, wishes_first=False)
