"""Badges: given by the rule, signed by the worker, shown as their holder says, taken back."""

from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.fernet import Fernet, InvalidToken

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.services import trust_check_record
from kyojo.help.matching.models import SupporterBadges
from kyojo.help.recognition import (
    credentials,
    forgetting,
    own_data,
    rounds,
    selectors,
    services,
)
from kyojo.help.recognition.errors import (
    BadgeRevoked,
    ReasonMissing,
    TooManyOnCard,
    TooYoungForPage,
)
from kyojo.help.recognition.models import Badge, IssuerKey, Standing, StatusList
from kyojo.help.support.models import Visit
from kyojo.help.support.services import visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    WEEK_BEFORE,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
LATER = END + timedelta(hours=1)


@pytest.fixture
def cast(standing):
    made = standing
    with clock.frozen(WEEK_BEFORE):
        made.uid = visit_make(made)
    check_in(made, made.uid)
    check_out(made, made.uid)
    with clock.frozen(END), tenant(KITA):
        visit_confirm(visit_uid=made.uid, carer=made.carer)
    with clock.frozen(LATER):
        yield made


def recognised():
    with tenant(MIDORI):
        rounds.recognise_lately()


def badges(person):
    with tenant(person.municipality_id):
        return selectors.badges_of(person)


def opened(badge):
    """The claims of a signed badge, its signature checked with the published key."""
    with tenant(MIDORI):
        badge.refresh_from_db()
        [public] = selectors.keys_public()
        return credentials.read(badge.token, public=public)


def revoked_bits():
    with tenant(MIDORI):
        services.status_lists_renew()
        token, _ = selectors.status_list(1)
        [public] = selectors.keys_public()
        return credentials.read(token, public=public)["credentialSubject"]["encodedList"]


def visits_add(cast, count, *, carer=None):
    """More paid visits of the supporter, as rows."""
    with tenant(MIDORI):
        one = Visit.objects.get(uid=cast.uid)
        for number in range(count):
            one.pk, one.uid, one.request_uid = None, new_id(), new_id()
            one.carer_uid = carer or one.carer_uid
            one.starts_at -= timedelta(hours=3)
            one.ends_at -= timedelta(hours=3)
            one.during = (one.starts_at, one.ends_at)
            one.receipt_code = f"X{carer}{number}"[:20]
            one._state.adding = True
            one.save(force_insert=True)


def test_the_first_visit_earns_a_signed_badge_once(cast):
    recognised()
    recognised()
    [first] = badges(cast.supporter)
    assert (first.says.name, first.badge.is_public, first.badge.is_on_card) == (
        "はじめの一歩", False, False,
    )  # fmt: skip
    claims = opened(first.badge)
    assert (
        claims["iss"] == claims["issuer"]["id"] == "http://localhost:8000/badges/issuer/midorihama/"
    )
    assert claims["sub"] == claims["credentialSubject"]["id"] == first.badge.subject_uid.urn
    assert claims["jti"] == claims["id"] == f"http://localhost:8000/badges/{first.uid}/"
    text = str(claims)
    for secret in (cast.supporter, cast.carer, cast.mother):
        assert str(secret.uid) not in text and secret.family_name not in text
    assert "identifier" not in claims["credentialSubject"]
    with tenant(MIDORI):
        assert Notice.objects.filter(person=cast.supporter, kind="badge").count() == 1
        assert IssuerKey.objects.count() == 1
    with tenant(KITA):
        assert not Badge.objects.exists()


def test_many_visits_hours_companions_and_courses(cast):
    visits_add(cast, 9)
    with tenant(MIDORI):
        trust_check_record(
            person=cast.supporter,
            kind="training",
            label="見守り講習",
            method="講習",
            by=cast.officer,
        )
    recognised()
    names = [one.says.name for one in badges(cast.supporter)]
    assert names[:3] == ["手伝い 10回", "はじめの一歩", "長いおつきあい"]
    assert names[-1] == "見守り講習を終えました" and "10時間" in names[3]
    with tenant(MIDORI):
        assert Notice.objects.filter(person=cast.supporter, kind="badge").count() == 1


def test_visits_that_were_found_fake_take_their_badges_along(cast):
    visits_add(cast, 9)
    recognised()
    before = revoked_bits()
    held = {one.says.code for one in badges(cast.supporter)}
    with tenant(MIDORI):
        fake = Visit.objects.filter(supporter=cast.supporter).exclude(uid=cast.uid).first()
        Visit.objects.filter(pk=fake.pk).update(state="resolved", settled_coins=0, settled_at=LATER)
    recognised()
    with tenant(MIDORI):
        left = set(Badge.objects.filter(revoked_at=None).values_list("achievement", flat=True))
        gone = Standing.objects.filter(revoked_at__isnull=False)
        assert held - left == {"visits-10", "companion-10"}
        assert {one.reason for one in gone} == {"recounted"}
        assert Act.objects.filter(action="badges_recount").count() == 1
        assert Notice.objects.filter(kind="badge_revoked").count() == 1
    assert revoked_bits() != before
    visits_add(cast, 1, carer=new_id())
    recognised()  # who helps ten times after all has it again, as another badge
    with tenant(MIDORI):
        assert Badge.objects.filter(achievement="visits-10").count() == 2


def test_counting_anew_takes_nothing_from_whoever_did_it(cast):
    recognised()
    with tenant(MIDORI):
        assert services.badges_recount(person=cast.supporter) == []
    assert len(badges(cast.supporter)) == 1


def test_the_holder_says_who_sees_it(cast):
    recognised()
    [one] = badges(cast.supporter)
    with tenant(MIDORI):
        with pytest.raises(NotFound):
            selectors.badge_public(one.uid)
        with pytest.raises(NotFound):
            services.badge_public_set(person=cast.second, uid=one.uid, is_public=True)
        services.badge_public_set(person=cast.supporter, uid=one.uid, is_public=True)
        assert selectors.badge_public(one.uid).says.code == "visits-1"
        services.badge_card_set(person=cast.supporter, uid=one.uid, is_on_card=True)
        assert SupporterBadges.objects.get().shown == [["はじめの一歩", "heart"]]
        services.badge_card_set(person=cast.supporter, uid=one.uid, is_on_card=False)
        assert SupporterBadges.objects.get().shown == []


def test_a_card_takes_three(cast):
    visits_add(cast, 9)
    recognised()
    every = badges(cast.supporter)
    with tenant(MIDORI):
        for one in every[:3]:
            services.badge_card_set(person=cast.supporter, uid=one.uid, is_on_card=True)
        with pytest.raises(TooManyOnCard):
            services.badge_card_set(person=cast.supporter, uid=every[3].uid, is_on_card=True)
        assert len(SupporterBadges.objects.get().shown) == 3


def test_who_is_young_has_no_page(cast):
    recognised()
    [one] = badges(cast.supporter)
    with tenant(MIDORI):
        Person.objects.filter(pk=cast.supporter.pk).update(
            birth_date=LATER.date().replace(year=LATER.year - 17)
        )
        cast.supporter.refresh_from_db()
        with pytest.raises(TooYoungForPage):
            services.badge_public_set(person=cast.supporter, uid=one.uid, is_public=True)
        assert not Badge.objects.get().is_public


def test_with_their_yes_a_badge_can_be_shown_to_be_theirs(cast):
    recognised()
    [one] = badges(cast.supporter)
    with tenant(MIDORI):
        services.badge_identity_set(person=cast.supporter, uid=one.uid, has_identity=True)
        assert Badge.objects.get().token == ""
        services.sign_due()
    [identity] = opened(one.badge)["credentialSubject"]["identifier"]
    mail = cast.supporter.user.email
    assert identity == credentials.identity_of(mail, identity["salt"])
    assert mail not in str(identity)


def test_the_office_takes_a_badge_back_with_a_reason(cast):
    recognised()
    [one] = badges(cast.supporter)
    with tenant(MIDORI):
        services.badge_card_set(person=cast.supporter, uid=one.uid, is_on_card=True)
        with pytest.raises(ReasonMissing):
            services.badge_revoke(uid=one.uid, by=cast.officer, reason="  ")
        with pytest.raises(NotFound):
            services.badge_revoke(uid=one.uid, by=cast.supporter.user, reason="x")
        for _ in range(2):
            services.badge_revoke(uid=one.uid, by=cast.officer, reason="別の人の支援でした")
        assert Act.objects.filter(action="badge_revoke").count() == 1
        assert SupporterBadges.objects.get().shown == []
        with pytest.raises(BadgeRevoked):
            services.badge_public_set(person=cast.supporter, uid=one.uid, is_public=True)
    with tenant(KITA), pytest.raises(NotFound):
        services.badge_revoke(uid=one.uid, by=cast.kita_officer, reason="x")


def test_a_badge_s_hash_is_the_one_of_the_specification():
    said = credentials.identity_of("a@example.com", "Kosher")["identityHash"]
    assert said == "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"


def test_who_asks_gets_what_is_held_of_them(cast):
    recognised()
    [held, papers] = own_data.person_data(cast.supporter)
    [row] = held.plain()
    assert (row["name"], row["is_public"]) == ("はじめの一歩", False)
    assert row["token"].count(".") == 2 and papers.rows == ()
    assert own_data.person_data(cast.second)[0].rows == ()


def test_a_forgotten_person_leaves_a_bit_that_names_nobody(cast):
    recognised()
    [one] = badges(cast.supporter)
    for _ in range(2):
        forgetting.person_forget(person=cast.supporter)
    standing = selectors.standing_of_badge(one.uid)
    assert (standing.reason, standing.revoked_at is not None) == ("erased", True)
    with tenant(MIDORI):
        assert not Badge.objects.exists()
    with pytest.raises(NotFound):
        selectors.standing_of_badge(new_id())


def test_a_new_key_signs_and_the_old_one_still_verifies_unless_it_leaked(cast):
    recognised()
    [one] = badges(cast.supporter)
    with tenant(MIDORI):
        old = selectors.keys_public()[0]
        services.issuer_key_replace(by=cast.officer)
        assert [key["kid"] for key in selectors.keys_public()][1] == old["kid"]
        one.badge.refresh_from_db()
        assert credentials.read(one.badge.token, public=old)
        services.issuer_key_replace(by=cast.officer, is_compromised=True)
        services.sign_due()
        [public] = selectors.keys_public()
        one.badge.refresh_from_db()
        assert credentials.read(one.badge.token, public=public)["jti"].endswith(f"{one.uid}/")
        with pytest.raises(NotFound):
            selectors.key_by_id(old["kid"].rsplit("/", 1)[1])
    with clock.frozen(LATER + timedelta(days=731)), tenant(MIDORI):
        services.issuer_key()
        assert IssuerKey.objects.filter(retired_at=None).count() == 1
        assert IssuerKey.objects.count() == 4


def test_a_web_without_the_worker_s_keys_signs_nothing(cast, settings):
    settings.BADGE_KEYS = [Fernet.generate_key().decode()]
    recognised()
    with tenant(MIDORI):
        row = IssuerKey.objects.get()
        assert "d" not in row.public
        services.keys.opened(row)
        settings.BADGE_KEYS = []
        with pytest.raises(InvalidToken):
            services.keys.opened(row)


def test_a_list_is_made_anew_before_it_lapses(cast):
    recognised()
    with tenant(MIDORI):
        assert services.status_lists_renew() == 0
    with clock.frozen(LATER + timedelta(days=5)), tenant(MIDORI):
        assert services.status_lists_renew() == 1
        assert StatusList.objects.get().valid_until == clock.now() + timedelta(days=7)


def test_ids_do_not_tell_who_belongs_to_whom(cast):
    visits_add(cast, 9)
    recognised()
    with tenant(MIDORI):
        subjects = set(Badge.objects.values_list("subject_uid", flat=True))
        assert len(subjects) == Badge.objects.count() > 3
        assert all(isinstance(one, UUID) for one in subjects)
