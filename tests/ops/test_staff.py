"""``staff``: who works at a desk is given, listed and ended by whoever runs the site."""

from contextlib import contextmanager
from datetime import time

import pytest

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, StaffRole, User
from kyojo.civic.people.services import user_deactivate
from kyojo.doors.ops import staff as command
from kyojo.doors.ops.errors import Bad
from kyojo.help.community.models import Case
from kyojo.help.safety.models import OnCall
from kyojo.help.safety.services import duty_save
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

MAIL = "m.hanagumori@city.example.jp"
WHO = ("--name", "花曇 みち", "--kana", "はなぐもり みち", "--title", "福祉課 主任")


@pytest.fixture
def staff(db, towns, monkeypatch, capsys):
    """Calls the command for 北ひなた市; returns what it printed."""

    @contextmanager
    def here(*, owner):
        assert owner is False
        yield "here"

    def call(what, *more, town=towns.kita.id):
        assert command.run(["staff", what, str(town), *more]) == 0
        return capsys.readouterr().out

    monkeypatch.setattr(command, "database_at_hand", here)
    return call


def test_given_listed_and_ended(staff, towns):
    with tenant(towns.kita.id):
        Area.objects.create(code="eki", kind="district", name="駅前", name_kana="エキマエ",
                            geometry={}, west=0, east=0, south=0, north=0)  # fmt: skip
    staff("give", MAIL, "--role", "officer", "--number", "a-417", *WHO)
    for area in (["--area", "eki"], []):  # renewed without a word about the area, it stays
        staff("give", f" {MAIL.upper()}", "--role", "coordinator", *area, *WHO)
    staff("give", "other@example.jp", "--role", "officer", "--number", "A-1", *WHO)
    assert staff("list").splitlines() == [
        f"coordinator  A-417  花曇 みち（福祉課 主任・駅前）  {MAIL}",
        f"officer  A-417  花曇 みち（福祉課 主任）  {MAIL}",
        "officer  A-1  花曇 みち（福祉課 主任）  other@example.jp",
    ]
    assert staff("list", town=towns.midori.id) == ""
    user = User.objects.get(email=MAIL)
    with tenant(towns.kita.id):
        duty_save(uid=new_id(), user_id=user.pk, phone="0120000019", days=[0], start=time(8),
                  end=time(18), by=user)  # fmt: skip
        Case.objects.create(
            uid=new_id(), sides=[towns.kita.id], number="S-1", kind="talk", urgency="usual",
            subject_kind="person", opened_in=towns.kita.id, due_at=clock.now(), owner=user,
        )  # fmt: skip
    staff("give", MAIL, "--role", "coordinator", "--area", "", *WHO)
    assert "駅前" not in staff("list")
    staff("end", MAIL, "--role", "coordinator")
    with tenant(towns.kita.id):
        assert OnCall.objects.get().user == Case.objects.get().owner == user, "still an officer"
    staff("end", MAIL)
    with tenant(towns.kita.id):
        assert (OnCall.objects.count(), Case.objects.get().owner) == (0, None)
    user_deactivate(user=User.objects.get(email="other@example.jp"))
    assert staff("list") == (
        "officer  A-1  花曇 みち（福祉課 主任）  other@example.jp  (login closed)\n"
    )
    with tenant(towns.kita.id):
        assert Act.objects.filter(action="staff_role_end", actor=None).count() == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "staff what?"),
        (["fire", "990019", MAIL], "staff what?"),
        (["list"], "TOWN"),
        (["list", "x"], "invalid int"),
        (["list", "990999"], "there is no town 990999"),
        (["give", "990019", MAIL, "--role", "mayor", *WHO], "invalid choice"),
        (["give", "990019", MAIL, "--role", "officer"], "--name"),
        (["give", "990019", MAIL, "--role", "officer", *WHO], "職員番号"),
        (["give", "990019", "no mail", "--role", "officer", "--number", "1", *WHO], "メール"),
        (["give", "990019", MAIL, "--role", "office", "--number", "1", "--area", "z", *WHO], "z"),
        (["end", "990019", MAIL], "no such role"),
        (["end", "990019", "last@example.jp"], "次の人を登録"),
        (["end", "990019", "last@example.jp", "--role", "office"], "no such role"),
        (["give", "990027", "last@example.jp", "--role", "office", "--number", "1", *WHO], "職員"),
        (["give", "990019", MAIL, "--role", "office", "--number", "L-1", *WHO], "番号"),
    ],
)
def test_what_cannot_be_is_one_line_and_changes_nothing(staff, towns, wrong, said):
    staff("give", "last@example.jp", "--role", "officer", "--number", "L-1", *WHO)
    with pytest.raises(Bad) as bad:
        command.run(["staff", *wrong])
    assert said in str(bad.value) and "\n" not in str(bad.value)
    assert [user.email for user in User.objects.all()] == ["last@example.jp"]
    for town, count in ((towns.kita.id, 1), (towns.midori.id, 0)):
        with tenant(town):
            assert StaffRole.ever.count() == count


def test_a_closed_login_gets_no_role(staff, towns):
    user_deactivate(user=User.objects.create_user(MAIL, municipality_id=towns.kita.id))
    with pytest.raises(Bad, match="closed"):
        staff("give", MAIL, "--role", "office", "--number", "1", *WHO)
