"""Sealed columns: nothing legible is stored, keys are rotated while others write, none is lost."""

import base64
from datetime import date

import pytest
from cryptography.fernet import Fernet, InvalidToken

from kyojo.civic.municipalities import resealing, sealing
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import CarePlace, Person
from kyojo.civic.people.services import home_set
from kyojo.civic.people.testing import make_care_place, make_carer
from kyojo.doors.ops import keys as command
from kyojo.doors.ops.errors import Bad, Failed
from kyojo.help.recognition.models import IssuerKey

OLD = base64.urlsafe_b64encode(b"old".ljust(32, b"-")).decode()
NEW = base64.urlsafe_b64encode(b"new".ljust(32, b"-")).decode()
HOME = "沖見台 3丁目 3番 33号"


def silent(done: int, total: int, text: str) -> None:
    assert 0 <= done <= total


def stored(cursor, column: str, table: str = "people_person") -> list[bytes]:
    cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")  # noqa: S608
    return [bytes(value) for (value,) in cursor.fetchall() if value]


@pytest.fixture
def carer(towns, settings):
    settings.FIELD_KEYS = [OLD]
    made = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        home_set(person=made, address=HOME, latitude=36.61234567, longitude=138.2)
    make_care_place(made, towns.midori.id)
    return made


def test_what_is_stored_says_nothing_and_what_is_read_says_all(carer, owner_cursor):
    words = (HOME.encode(), b"36.61", "港みほん".encode(), "ふみ".encode())
    for table, columns in (
        ("people_person", ("address", "latitude", "longitude")),
        ("people_careplace", ("address", "latitude", "recipient_name", "recipient_birth_date")),
    ):
        for column in columns:
            found = stored(owner_cursor, column, table)
            assert found and all(value[:1] == sealing.MARK for value in found)
            assert not any(word in value for value in found for word in words)
    with tenant(carer.municipality_id):
        row = Person.objects.values_list("address", "latitude").get(pk=carer.pk)
        assert row == (HOME, 36.61234567)
        place = CarePlace.objects.get(carer=carer)
        assert place.recipient_name.endswith("ふみ")
        assert isinstance(place.recipient_birth_date, date)
        assert Person.objects.filter(pk=carer.pk, latitude__isnull=False).exists()
        with pytest.raises(Exception, match="is sealed"):
            Person.objects.filter(address=HOME).exists()


def test_an_empty_column_hides_nothing(towns):
    with tenant(towns.kita.id):
        person = make_carer(towns.kita.id, home=False)
        again = Person.objects.get(pk=person.pk)
        assert (again.address, again.latitude) == ("", None)
        Person.objects.filter(pk=person.pk).update(address="", latitude=None)
        assert Person.objects.get(pk=person.pk).address == ""


def test_everything_is_sealed_by_the_new_key_and_the_old_one_can_go(
    carer, settings, owner_cursor, capsys, monkeypatch
):
    monkeypatch.setattr(command, "database_at_hand", _here)
    settings.FIELD_KEYS = [NEW, OLD]
    assert command.run(["keys", "check"]) == 0
    assert "people_person.address" in capsys.readouterr().out
    first = resealing.reseal(silent)
    assert first.values >= 8 and not first.lost
    assert resealing.reseal(silent).values == 0
    settings.FIELD_KEYS = [NEW]
    with tenant(carer.municipality_id):
        assert Person.objects.get(pk=carer.pk).address == HOME
    [name] = [key.name for key in sealing.field_keys()]
    assert all(set(one) == {name} for one in resealing.keys_counted(silent).values())
    assert command.run(["keys", "rotate"]) == 0
    assert "0 values are sealed anew" in capsys.readouterr().out


def test_a_key_that_went_too_early_is_told_and_nothing_is_touched(
    carer, settings, owner_cursor, capsys, monkeypatch
):
    monkeypatch.setattr(command, "database_at_hand", _here)
    before = stored(owner_cursor, "address")
    settings.FIELD_KEYS = [NEW]
    for what in ("check", "rotate"):
        with pytest.raises(Failed, match="no key"):
            command.run(["keys", what])
    assert stored(owner_cursor, "address") == before
    assert HOME not in capsys.readouterr().out


def test_what_an_older_version_sealed_opens_and_is_sealed_anew(carer, settings, owner_cursor):
    owner_cursor.execute(
        "UPDATE people_person SET address = %s WHERE id = %s",
        [Fernet(OLD).encrypt(HOME.encode()), carer.pk],
    )
    with tenant(carer.municipality_id):
        assert Person.objects.get(pk=carer.pk).address == HOME
    assert resealing.keys_counted(silent)["people_person.address"]["fernet"] == 1
    assert resealing.reseal(silent).values == 1
    assert stored(owner_cursor, "address")[0][:1] == sealing.MARK


def test_what_somebody_wrote_meanwhile_stays(carer, settings, monkeypatch):
    settings.FIELD_KEYS = [NEW, OLD]
    seal, written = sealing.seal_bytes, []

    def overtaken(value: bytes) -> bytes:
        if value == HOME.encode() and not written:
            written.append(1)
            with tenant(carer.municipality_id):
                Person.objects.filter(pk=carer.pk).update(address="引っこし先 1")
        return seal(value)

    monkeypatch.setattr(resealing, "seal_bytes", overtaken)
    resealing.reseal(silent)
    with tenant(carer.municipality_id):
        assert Person.objects.get(pk=carer.pk).address == "引っこし先 1"


@pytest.mark.parametrize("change", [lambda s: s[:-1] + bytes([s[-1] ^ 1]), lambda s: s[:9]])
def test_what_was_tampered_with_does_not_open(change):
    sealed = sealing.seal("港 1-2-3")
    assert sealing.unseal(sealed) == "港 1-2-3"
    with pytest.raises(InvalidToken):
        sealing.unseal(change(sealed))
    assert sealing.key_of(change(sealed)) == ""


def test_a_town_gets_a_new_key_for_its_badges(towns, monkeypatch, capsys):
    monkeypatch.setattr(command, "database_at_hand", _here)
    town = towns.kita.id
    assert command.run(["keys", "badges", str(town)]) == 0
    assert command.run(["keys", "badges", str(town), "--compromised"]) == 0
    assert f"{town} are signed with a new key" in capsys.readouterr().out
    with tenant(town):
        assert IssuerKey.objects.filter(retired_at=None, withdrawn_at=None).count() == 1
        assert IssuerKey.objects.filter(withdrawn_at__isnull=False).count() == 1
    for wrong in (["990999"], ["x"], []):
        with pytest.raises(Bad):
            command.run(["keys", "badges", *wrong])


class _here:  # noqa: N801 (stands for the function it replaces)
    def __init__(self, *, owner: bool) -> None: ...
    def __enter__(self) -> str:
        return "here"

    def __exit__(self, *args: object) -> None: ...
