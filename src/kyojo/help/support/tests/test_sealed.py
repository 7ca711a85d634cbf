"""What is known of whom a visit is for, and what is said about it, stands nowhere in clear."""

import base64

import pytest
from django.db import connection

from kyojo.civic.municipalities import resealing, sealing
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import Dispute, Visit
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .cast import END, KITA, MIDORI, check_in, check_out, visit_make

NEW = base64.urlsafe_b64encode(b"new".ljust(32, b"-")).decode()
NOTE = "耳が少し遠いので、ゆっくり話してください"
CARD = {"name": "青空 ふみ", "birth_date": "1944-04-01", "relation": "母", "note": NOTE}
SAID = "お母さまは、よくねむれていないそうです"
THANKS = "母がうれしそうでした"
#: Table → columns, and a word that stood in one of them.
COLUMNS = {
    "support_visit": ("recipient_card", "supporter_note"),
    "support_dispute": ("words",),
    "support_review": ("message",),
}
WORDS = (
    "青空 ふみ",
    "1944-04-01",
    "耳が少し遠い",
    "ねむれていない",
    "庭木が折れました",
    "うれしそう",
)


def raw(table: str, column: str) -> list[bytes]:
    found = []
    for town in (KITA, MIDORI):
        with tenant(town), connection.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")  # noqa: S608
            found += [bytes(value) for (value,) in cursor.fetchall() if value]
    return found


@pytest.fixture
def told(cast):
    """A visit that is over, with a word of who came and one of who asked."""
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid, note=SAID, nonce=cast.place.uid)
    with clock.frozen(END), tenant(KITA):
        services.review_write(
            order_id=new_id(), visit_uid=uid, writer=cast.carer, rating=5, message=THANKS
        )
        services.visit_dispute(visit_uid=uid, by=cast.carer, words="庭木が折れました")
    return uid


def test_the_columns_say_nothing_and_what_is_read_says_all(told):
    for table, columns in COLUMNS.items():
        for column in columns:
            found = raw(table, column)
            assert found and all(one[:1] == sealing.MARK for one in found), (table, column)
            assert not any(word.encode() in one for one in found for word in WORDS)
    for town in (KITA, MIDORI):
        with tenant(town):
            visit = Visit.objects.get(uid=told)
            assert (visit.recipient_card, visit.supporter_note) == (CARD, SAID)
    with tenant(MIDORI):
        assert Dispute.objects.get().words == "庭木が折れました"


def test_a_new_key_takes_them_along(told, settings):
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    assert not resealing.reseal(lambda *_: None).lost
    settings.FIELD_KEYS = [NEW]
    [name] = [key.name for key in sealing.field_keys()]
    counted = resealing.keys_counted(lambda *_: None)
    for table, columns in COLUMNS.items():
        for column in columns:
            assert counted[f"{table}.{column}"] == {name: 2}
    with tenant(MIDORI):
        assert Visit.objects.get(uid=told).recipient_card == CARD


def test_an_empty_card_is_stored_as_nothing_and_nobody_shares_it(told):
    with tenant(MIDORI):
        Visit.objects.filter(uid=told).update(recipient_card={})
        first, again = Visit.objects.get(uid=told), Visit.objects.get(uid=told)
        first.recipient_card["name"] = "だれか"
        assert again.recipient_card == {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT recipient_card FROM support_visit")
            assert [bytes(value) for (value,) in cursor.fetchall()] == [b""]
        with pytest.raises(Exception, match="sealed"):
            Visit.objects.filter(recipient_card={}).exists()
