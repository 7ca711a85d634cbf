"""Messages: sealed, once, between those who take part, and closed where nobody wants to hear."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.errors import Suspended
from kyojo.civic.people.models import Act, Notice
from kyojo.civic.people.services import block_add, block_remove, suspension_begin
from kyojo.civic.people.testing import make_carer, make_officer, make_programme, make_supporter
from kyojo.help.community import selectors, services
from kyojo.help.community.domain import Part, Talk, phrases_for
from kyojo.help.community.errors import (
    BasisMissing,
    ContactTooEarly,
    OrderDiffers,
    ThreadClosed,
    TooMany,
    WordsMissing,
    WordsTooLong,
)
from kyojo.help.community.models import Message, Thread
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
END = NOW + timedelta(days=8)
WORDS = "草取りの道具は、物置にあります。"


class Cast:
    def __init__(self, towns) -> None:
        self.kita, self.midori = towns.kita.id, towns.midori.id
        for code in (self.kita, self.midori):
            make_programme(code)
        self.carer, self.supporter = make_carer(self.kita), make_supporter(self.midori)
        self.talk = Talk(
            about_uid=new_id(),
            parts=(
                Part(self.carer.uid, self.kita, "carer", self.carer.name),
                Part(self.supporter.uid, self.midori, "supporter", self.supporter.name),
            ),
            is_firm=True,
            opens=True,
            closes_at=END,
            purge_at=END + timedelta(days=90),
            path="/messages/x/",
        )

    def send(self, author, words=WORDS, talk=None, **more) -> Message:
        with tenant(author.municipality_id):
            return services.message_send(
                **{
                    "order_id": new_id(),
                    "talk": talk or self.talk,
                    "author": author,
                    "words": words,
                }
                | more
            )

    def read(self, reader) -> list:
        with tenant(reader.municipality_id):
            return selectors.messages_of(self.talk)

    def open(self, reader) -> None:
        with tenant(reader.municipality_id):
            services.thread_read(talk=self.talk, reader=reader)

    def unread(self, reader) -> int:
        with tenant(reader.municipality_id), CaptureQueriesContext(connection) as queries:
            found = selectors.unread_by_question(reader)
        assert len(queries) == 1 and set(found) <= {self.talk.about_uid}
        with tenant(reader.municipality_id):
            listed = {row.about_uid: row.unread for row in selectors.threads_of(reader)}
            nowhere = selectors.unread_by_question(reader, Thread.objects.none().values("uid"))
        assert (found, nowhere) == ({uid: n for uid, n in listed.items() if n}, {})
        return sum(found.values())

    def count(self) -> int:
        found = 0
        for code in (self.kita, self.midori):
            with tenant(code):
                found += Message.objects.count()
        return found


@pytest.fixture
def cast(db, towns):
    with clock.frozen(NOW):
        yield Cast(towns)


def test_a_message_stands_in_both_towns_sealed_and_is_told_without_its_words(cast):
    order = new_id()
    assert cast.send(cast.carer, order_id=order).uid == cast.send(cast.carer, order_id=order).uid
    assert cast.count() == 2
    with tenant(cast.midori):
        row = Message.objects.get()
        assert WORDS.encode() not in bytes(row.sealed) and row.author_uid == cast.carer.uid
        told = Notice.objects.get(person=cast.supporter)
        assert told.title == "青空さんからメッセージがあります" and told.path == "/messages/x/"
        assert WORDS not in told.title + told.body
    one = cast.read(cast.supporter)[0]
    assert (one.words, one.is_read, one.is_proxy) == (WORDS, False, False)
    cast.send(cast.carer, "雨ならお休みで。")
    with tenant(cast.midori):
        assert Notice.objects.filter(person=cast.supporter).count() == 1, "one until they look"
    assert (cast.unread(cast.supporter), cast.unread(cast.carer)) == (2, 0)
    cast.open(cast.supporter)
    assert cast.unread(cast.supporter) == 0
    assert [one.is_read for one in cast.read(cast.carer)] == [True, True]
    with clock.frozen(NOW + timedelta(minutes=5)):
        cast.send(cast.carer, "よろしくお願いします。")
    with tenant(cast.midori):
        assert Notice.objects.filter(person=cast.supporter).count() == 2
    with pytest.raises(OrderDiffers):
        cast.send(cast.supporter, order_id=order)


def test_who_takes_no_part_writes_and_reads_nothing(cast):
    outsider = make_carer(cast.kita, who=replace_who())
    with pytest.raises(NotFound):
        cast.send(outsider)
    message = cast.send(cast.carer)
    with tenant(cast.kita), pytest.raises(NotFound):
        selectors.message_by(outsider, message.uid)
    with tenant(cast.kita):
        assert selectors.threads_of(outsider) == []
        assert selectors.message_by(cast.carer, message.uid)[0] == message


def replace_who():
    from kyojo.civic.people.testing import OUTSIDER

    return OUTSIDER


@pytest.mark.parametrize("blocker", ["carer", "supporter"])
def test_whoever_is_blocked_by_either_side_reads_that_it_is_closed_and_no_more(cast, blocker):
    person = getattr(cast, blocker)
    other = cast.supporter if blocker == "carer" else cast.carer
    with tenant(person.municipality_id):
        block_add(person=person, blocked_uid=other.uid)
    for author in (cast.carer, cast.supporter):
        with pytest.raises(ThreadClosed) as refused:
            cast.send(author)
        assert (
            "ブロック" not in refused.value.message() and "会わない" not in refused.value.message()
        )
        with tenant(author.municipality_id):
            assert not selectors.may_write(cast.talk)
    assert cast.count() == 0
    with tenant(person.municipality_id):
        block_remove(person=person, blocked_uid=other.uid)
    cast.send(other)


def test_time_and_suspension_close_it(cast):
    with clock.frozen(END), pytest.raises(ThreadClosed):
        cast.send(cast.carer)
    with pytest.raises(ThreadClosed):
        cast.send(cast.carer, talk=replace(cast.talk, opens=False))
    with tenant(cast.midori):
        suspension_begin(
            uid=new_id(),
            person=cast.supporter,
            by=make_officer(cast.midori),
            reason="確かめています。",
            until=END,
        )
    with pytest.raises(Suspended):
        cast.send(cast.supporter)
    assert cast.count() == 0
    cast.send(cast.carer)


@pytest.mark.parametrize(("words", "refusal"), [(" \n", WordsMissing), ("あ" * 601, WordsTooLong)])
def test_words_that_cannot_be_sent(cast, words, refusal):
    with pytest.raises(refusal):
        cast.send(cast.carer, words)
    assert cast.count() == 0


def test_how_to_be_reached_is_written_only_when_the_visit_is_booked(cast):
    early = replace(cast.talk, is_firm=False)
    for words in ("090-0000-0000に電話を", "minami@example.jp まで"):
        with pytest.raises(ContactTooEarly):
            cast.send(cast.carer, words, talk=early)
        cast.send(cast.carer, words)
    cast.send(cast.carer, "10時に5分おくれます。", talk=early)


def test_one_author_does_not_flood_another(cast):
    for number in range(20):
        cast.send(cast.carer, f"{number}")
    with pytest.raises(TooMany):
        cast.send(cast.carer)
    cast.send(cast.supporter)
    with clock.frozen(NOW + timedelta(minutes=11)):
        cast.send(cast.carer)


def test_staff_write_for_who_telephoned_and_for_the_office(cast, towns):
    officer = make_officer(cast.midori)
    given = {"order_id": new_id(), "talk": cast.talk, "words": "少しおくれます。", "by": officer}
    own = given | {"author_uid": cast.supporter.uid, "basis": "phone"}
    with tenant(cast.midori):
        for changes, refusal in (
            ({"basis": ""}, BasisMissing),
            ({"author_uid": cast.carer.uid}, NotFound),  # another town's member
            ({"by": make_officer(cast.kita)}, NotFound),
        ):
            with pytest.raises(refusal):
                services.message_send_for(**own | changes)
        services.message_send_for(**own)
        services.message_send_office(**given | {"order_id": new_id(), "words": "センターです。"})
        assert Act.objects.filter(action="message_written").count() == 2
    found = [(one.author_role, one.is_proxy) for one in cast.read(cast.carer)]
    assert sorted(found) == [("office", False), ("supporter", True)]
    with tenant(cast.kita):
        assert set(Message.objects.values_list("written_by", flat=True)) == {None}
        titles = set(Notice.objects.filter(person=cast.carer).values_list("title", flat=True))
    assert titles == {"春風さんからメッセージがあります"}


def test_it_is_erased_when_its_time_is_over(cast):
    cast.send(cast.carer)
    with tenant(cast.kita):
        assert services.threads_purge() == {"messages": 0, "threads": 0}
    with clock.frozen(cast.talk.purge_at):
        for code in (cast.kita, cast.midori):
            with tenant(code):
                assert services.threads_purge() == {"messages": 1, "threads": 1}
                assert services.threads_purge() == {"messages": 0, "threads": 0}
                assert not Thread.objects.exists()
    assert cast.count() == 0


def test_phrases_fit_who_sends_them():
    assert "late" in phrases_for("supporter") and "late" not in phrases_for("carer")
    assert "thanks" in phrases_for("carer")
