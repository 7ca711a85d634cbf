"""Photos: with the house's yes, three at most, sealed, seen by those concerned, erased in time."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.help.support import selectors, services
from kyojo.help.support.errors import (
    BasisMissing,
    PhotosEnough,
    PhotosNotAllowed,
    PhotosNotYours,
    StepNotAllowed,
    TimeOver,
)
from kyojo.help.support.models import Evidence, Photo, PurgeLog, RefusedStep, Visit
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id
from kyojo.kernel.pictures import PictureWrong

from .cast import END, KITA, MIDORI, START, as_door, check_in, check_out, visit_make

pytestmark = pytest.mark.django_db
NOON = END - timedelta(minutes=5)


def picture(colour: str = "green", kind: str = "JPEG") -> bytes:
    written = BytesIO()
    image = Image.new("RGB", (60, 40), colour)
    exif = image.getexif()
    exif[0x010F] = "the phone of 春風 けん"
    image.save(written, kind, exif=exif)
    return written.getvalue()


def allow(cast, uid, who="mother", allowed=True, **said):
    person = getattr(cast, who)
    town = getattr(person, "municipality_id", MIDORI)
    return as_door(
        town, lambda: services.photos_allow(visit_uid=uid, by=person, allowed=allowed, **said)
    )


def add(cast, uid, *, at=NOON, nonce=None, data=None, moment="end", person=None, **more):
    person = person or cast.supporter
    with clock.frozen(at):
        return as_door(
            person.municipality_id,
            lambda: services.photo_add(
                visit_uid=uid,
                supporter=person,
                nonce=nonce or new_id(),
                moment=moment,
                picture=data or picture(),
                **more,
            ),
        )


@pytest.fixture
def started(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    return uid


def test_only_with_the_yes_of_whose_home_it_is(cast, started):
    with pytest.raises(PhotosNotAllowed):
        add(cast, started)
    with pytest.raises(PhotosNotYours):
        allow(cast, started, "carer")
    for who in ("supporter", "second", "stranger"):
        with pytest.raises(NotFound):
            allow(cast, started, who)
    with pytest.raises(BasisMissing):
        allow(cast, started, "officer")
    allow(cast, started, "officer", basis="phone")
    allow(cast, started, "officer", basis="phone")
    add(cast, started)
    with tenant(MIDORI):
        assert Photo.objects.count() == 1
        assert Act.objects.filter(action="photos_allow", basis="phone").count() == 1
        codes = set(RefusedStep.objects.values_list("step", "code"))
    assert ("photo", "photos_not_allowed") in codes


def test_a_picture_is_sealed_shown_to_both_sides_and_proves_a_little(cast, started):
    allow(cast, started)
    nonce = new_id()
    for _ in range(2):
        add(cast, started, nonce=nonce, moment="start", at=START + timedelta(minutes=5))
    with tenant(MIDORI):
        [row] = Photo.objects.all()
        assert b"JFIF" not in bytes(row.picture_encrypted)
        mark = Evidence.objects.get(kind="photo")
        assert (mark.moment, mark.in_window, mark.nonce) == ("start", True, nonce)
    for person in (cast.carer, cast.supporter, cast.mother):
        with tenant(person.municipality_id):
            view = selectors.visit_for(person, started)
            assert [(one.uid, one.is_there) for one in view.photos] == [(nonce, True)]
            seen = Image.open(BytesIO(selectors.photo_for(person, started, nonce)))
            assert (seen.size, dict(seen.getexif())) == ((60, 40), {})
    for person in (cast.second, cast.stranger):
        with tenant(person.municipality_id), pytest.raises(NotFound):
            selectors.photo_for(person, started, nonce)
    check_out(cast, started)
    with tenant(KITA):
        visit = Visit.objects.get(uid=started)
    assert any("写真：始まりの写真" in reason["text"] for reason in visit.decision_reasons)


def test_three_at_most_while_it_runs_and_inside_the_window(cast, started):
    allow(cast, started)
    with pytest.raises(PictureWrong):
        add(cast, started, data=b"no picture")
    with pytest.raises(TimeOver):
        add(cast, started, at=END + timedelta(minutes=16))
    for _ in range(3):
        add(cast, started)
    with pytest.raises(PhotosEnough):
        add(cast, started)
    check_out(cast, started)
    with pytest.raises(StepNotAllowed):
        add(cast, started)
    with tenant(MIDORI):
        assert Photo.objects.count() == Evidence.objects.filter(kind="photo").count() == 3


def test_one_that_lay_on_the_phone_counts_from_its_hour(cast, started):
    allow(cast, started)
    add(cast, started, at=END + timedelta(hours=3), device_at=NOON, was_kept=True)
    with tenant(MIDORI):
        row = Evidence.objects.get(kind="photo")
        assert (row.is_late, row.in_window, Photo.objects.get().at) == (True, True, NOON)


def test_a_no_erases_and_so_does_time_and_both_are_logged(cast, started):
    allow(cast, started)
    nonce = new_id()
    add(cast, started, nonce=nonce)
    allow(cast, started, allowed=False)
    with tenant(MIDORI):
        assert PurgeLog.objects.get().erased_count == 1
        with pytest.raises(NotFound):
            selectors.photo_here(started, nonce)
        assert Evidence.objects.filter(kind="photo").count() == 1
    allow(cast, started)
    add(cast, started)
    with clock.frozen(END + timedelta(days=29)):
        services.positions_purge()
    with tenant(MIDORI):
        assert Photo.objects.filter(purged_at=None).count() == 1
    with clock.frozen(END + timedelta(days=30)):
        services.positions_purge()
    with tenant(MIDORI):
        assert not Photo.objects.filter(purged_at=None).exists()


def test_whoever_is_forgotten_takes_the_pictures_along(cast, started):
    allow(cast, started)
    add(cast, started)
    with tenant(MIDORI):
        assert services.photos_forget(person_uid=cast.stranger.uid) == 0
        assert services.photos_forget(person_uid=cast.carer.uid) == 1
        assert services.photos_forget(person_uid=cast.carer.uid) == 0
