"""Leaving at the desk: what stands open with its links, papers and gifts to choose, the end; and a
payment that two officers take back."""

from datetime import timedelta

import pytest

from kyojo.civic.earnings import circulation_selectors, selectors, services
from kyojo.civic.earnings.models import Invoice, PaidHelp, PaymentReturn, Redemption
from kyojo.civic.earnings.testing import install, stand
from kyojo.civic.earnings.tests.paid_cast import fill, wallet, write_down
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..words import ACTIONS
from .points_cast import acts, helped, text

pytestmark = pytest.mark.django_db
CODE = "paid-invoice"
DONATED = preset("yokohama").replace("earned_years = 1", 'earned_years = 1\non_death = "donate"')
BANK = {
    "bank": "0001",
    "bank_kana": "ミホン",
    "branch": "001",
    "branch_kana": "ホンテン",
    "kind": "1",
    "number": "1234567",
    "holder_kana": "クモイ アキラ",
}


def yesterday():
    return clock.today() - timedelta(days=1)


def boxes(name, day):
    return {f"{name}_year": day.year, f"{name}_month": day.month, f"{name}_day": day.day}


def leaving(person, event=""):
    path = f"/desk/points/members/{person.uid}/leaving/"
    return f"{path}?event={event}" if event else path


def ending(person, event="quitting"):
    return f"/desk/points/members/{person.uid}/leaving/end/?event={event}"


def order_of(answer):
    return str(answer.context["form"]["order_id"].value())


def second_officer():
    with tenant(MIDORI):
        user = user_create(email="kacho@example.jp", municipality_id=MIDORI)
        staff_role_add(
            user=user,
            number=f"S-{user.pk}",
            role="officer",
            title="課長",
            name="凪 みお",
            name_kana="ナギ ミオ",
        )
    return user


def left_at(person):
    with tenant(MIDORI):
        return Person.objects.get(pk=person.pk).left_at


def test_who_owes_is_billed_pays_and_only_then_leaves(office):
    install(MIDORI, CODE)
    helper, member = office.cast.supporter, office.cast.second
    write_down(helper, member, CODE, activity="garden", day=yesterday())
    client, day = office.client(office.officer), yesterday()
    page = text(client.get(leaving(member, "quitting")))
    bill = f"/desk/points/members/{member.uid}/leaving/{CODE}/{day.year}/{day.month}/"
    assert "先に、この人の請求書を出して、入金を記録してください" in page and bill in page
    far = bill.replace(f"/{day.year}/{day.month}/", "/9999/12/")
    assert client.get(far).status_code == 404
    endless = client.post(leaving(member, "quitting"), {"papers": f"ticket:{'9' * 5000}"})
    assert endless.status_code == 422
    assert "退会する日" not in page and "亡くなった日" not in page
    assert "退会の前に、片づけるもの" in text(client.get(ending(member)))
    closed = client.post(ending(member), {"basis": "counter", "confirm": "on"})
    assert (closed.status_code, "まだ、退会にできません" in text(closed)) == (422, True)
    assert left_at(member) is None
    look = client.get(bill)
    assert "2,000円" in text(look)
    due = boxes("due_on", clock.today() + timedelta(days=9))
    stale = client.post(bill, due | {"shown": "9/9"})
    assert (stale.status_code, "手伝いの記録が変わりました" in text(stale)) == (422, True)
    shown = look.context["form"]["shown"].value()
    for said in ("請求書を出しました", "もう出してあります"):
        assert said in text(client.post(bill, due | {"shown": shown}, follow=True))
    with tenant(MIDORI):
        invoice = Invoice.objects.get()
    page = text(client.get(leaving(member, "quitting")))
    assert f"/desk/points/{CODE}/invoices/{invoice.uid}/" in page and "先に、入金を記録" in page
    with tenant(MIDORI):
        services.invoice_paid(
            uid=invoice.uid, paid_on=clock.today(), reference="入金 1", by=office.officer
        )
    assert "片づいていないものは、ありません" in text(client.get(ending(member)))
    for missing in ({"confirm": "on"}, {"basis": "counter"}):
        assert client.post(ending(member), missing).status_code == 422
    assert left_at(member) is None
    for _ in range(2):
        done = client.post(ending(member), {"basis": "counter", "confirm": "on"}, follow=True)
        assert "退会の手続きを記録しました" in text(done)
    assert left_at(member) is not None
    assert [one.basis for one in acts("person_leave")] == ["counter"]
    assert "に退会しました" in text(client.get(ending(member)))


def test_the_officer_chooses_to_whom_it_is_given(office):
    install(MIDORI, "yokohama", document=DONATED)
    person = office.cast.second
    stand(person)
    helped(person, 1)
    client = office.client(office.officer)
    page = client.get(leaving(person, "death"))
    assert "どこに寄付しますか" in text(page) and "checked" not in text(page)
    fields = {"event": "death", "order_id": order_of(page), "confirm": "on"}
    fields |= boxes("day", yesterday())
    for wrong in ({}, {"recipient_yokohama": "よその基金"}):
        answer = client.post(leaving(person), fields | wrong)
        assert answer.status_code == 422
    assert "の寄付先を、一覧から選んでください" in text(client.post(leaving(person), fields))
    for _ in range(2):
        sent = fields | {"recipient_yokohama": "子どもの居場所"}
        done = client.post(leaving(person), sent, follow=True)
        assert "「子どもの居場所」に寄付します" in text(done)
    with tenant(MIDORI):
        [one] = Redemption.objects.all()
    assert (one.use, one.detail, one.amount) == ("donation", "子どもの居場所", 200)


def test_papers_that_came_back_are_ticked_and_paid_for(office):
    install(MIDORI, "ticket")
    person = office.cast.second
    fill(person, "ticket", 2)
    with tenant(MIDORI):
        made = services.papers_print(
            uid=new_id(), programme_code="ticket", person=person, amount=2, by=office.officer
        )
        first, second = (one.number for one in circulation_selectors.papers_printed(made))
    client = office.client(office.officer)
    page = client.get(leaving(person, "leaving"))
    said = text(page)
    assert "もどってきた紙の券" in said and f"/desk/points/ticket/papers/{second}/" in said
    assert "口座番号" in said  # what comes back would be paid for
    fields = {"event": "leaving", "order_id": order_of(page), "confirm": "on"}
    fields |= boxes("day", yesterday())
    sent = fields | {"papers": [f"ticket:{first}"]}
    for wrong in (sent, fields | BANK | {"papers": ["ticket:999"]}):
        assert client.post(leaving(person), wrong).status_code == 422
    for _ in range(2):
        done = client.post(leaving(person), sent | BANK, follow=True)
        assert "本人にお金で払います" in text(done), text(done)
    paper = f"/desk/points/members/{person.uid}/left.pdf?event=leaving&order={fields['order_id']}"
    assert paper.replace("&", "&amp;") in text(done)
    printed = client.get(paper)
    assert printed.content.startswith(b"%PDF") and len(acts("paper_printed")) == 1
    assert office.client(office.coordinator).get(paper).status_code == 404
    assert client.get(paper.replace("event=leaving", "event=x")).status_code == 404
    with tenant(MIDORI):
        [one] = Redemption.objects.all()
    assert (one.amount, one.value_yen, wallet(person, "ticket")) == (1, 650, 0)


def test_who_brings_no_paper_needs_no_account(office):
    install(MIDORI, "ticket")
    person = office.cast.second
    fill(person, "ticket", 1)
    with tenant(MIDORI):
        services.papers_print(
            uid=new_id(), programme_code="ticket", person=person, amount=1, by=office.officer
        )
    client = office.client(office.officer)
    page = client.get(leaving(person, "leaving"))
    fields = {"event": "leaving", "order_id": order_of(page), "confirm": "on"}
    done = client.post(leaving(person), fields | boxes("day", yesterday()), follow=True)
    assert "ありませんでした" in text(done) and "紙の券" not in text(done)


def test_leaving_and_its_end_are_for_officers_of_the_town(office):
    install(MIDORI, CODE)
    helper, member = office.cast.supporter, office.cast.second
    write_down(helper, member, CODE, activity="garden", day=yesterday())
    day = yesterday()
    bill = f"/desk/points/members/{member.uid}/leaving/{CODE}/{day.year}/{day.month}/"
    paths = (leaving(member, "quitting"), ending(member), bill)
    fields = {"basis": "counter", "confirm": "on", "shown": "1/2000", "event": "quitting"}
    fields |= boxes("due_on", clock.today() + timedelta(days=9)) | {"order_id": str(new_id())}
    for user in (office.coordinator, office.office, office.cast.kita_officer, member.user, None):
        client = office.client(user)
        for path in paths:
            assert client.get(path).status_code == 404, (user, path)
            assert client.post(path, fields).status_code == 404, (user, path)
    officer = office.client(office.officer)
    assert officer.get(ending(member, "x")).status_code == 404
    assert officer.get(bill.replace(f"/{day.year}/", "/2020/")).status_code == 404
    assert officer.get(bill.replace(CODE, "nothing")).status_code == 404
    with tenant(MIDORI):
        assert not Invoice.objects.exists() and left_at(member) is None


# --- a payment is taken back ----------------------------------------------------------------------


def paid_invoice(office, day):
    helper, member = office.cast.supporter, office.cast.second
    write_down(helper, member, CODE, activity="garden", day=day)
    with tenant(MIDORI):
        [invoice] = services.invoices_issue(
            programme_code=CODE,
            month=day,
            due_on=clock.today() + timedelta(days=9),
            by=office.officer,
        )
        return services.invoice_paid(
            uid=invoice.uid, paid_on=clock.today(), reference="入金 5", by=office.officer
        )


def test_a_payment_is_taken_back_by_two_officers(office):
    install(MIDORI, CODE)
    invoice = paid_invoice(office, yesterday())
    path = f"/desk/points/{CODE}/invoices/{invoice.uid}/"
    first, second = office.client(office.officer), office.client(second_officer())
    page = first.get(path)
    assert "まちがえて記録した入金を取り消す" in text(page)
    assert "この入金を、どうしますか" not in text(page)  # no other invoice of theirs is open
    fields = {"order_id": str(page.context["return_form"]["order_id"].value())}
    empty = first.post(f"{path}return/", fields | {"reason": " "})
    assert (empty.status_code, "理由を入れてください" in text(empty)) == (422, True)
    fields["reason"] = "ほかの月の入金でした"
    for _ in range(2):
        said = text(first.post(f"{path}return/", fields, follow=True))
        assert "ほかの職員の承認を待っています" in said and "承認して入金を取り消す" not in said
    with tenant(MIDORI):
        asked = PaymentReturn.objects.get()
    confirm = f"{path}return/{asked.uid}/confirm/"
    own = first.post(confirm)
    assert (own.status_code, "ほかの職員にたのんで" in text(own)) == (409, True)
    assert wallet(office.cast.supporter, CODE) == 1_700
    assert "入金の取り消しの承認待ち" in text(second.get("/desk/"))
    assert path in text(second.get(f"/desk/points/{CODE}/invoices/"))
    assert "承認して入金を取り消す" in text(second.get(path))
    for _ in range(2):
        said = text(second.post(confirm, follow=True))
        assert "入金を取り消しました" in said and "番号 入金 5" in said and "凪 みお" in said
    assert "入金を記録する" in said and wallet(office.cast.supporter, CODE) == 0
    late = second.post(f"{path}return/{asked.uid}/cancel/")
    assert late.status_code == 409
    for action in ("payment_return_asked", "payment_return_done"):
        assert len(acts(action)) == 1 and action in ACTIONS


def test_a_payment_goes_to_the_invoice_it_was_for(office):
    install(MIDORI, CODE)
    helper, member = office.cast.supporter, office.cast.second
    day = (yesterday().replace(day=1) - timedelta(days=1)).replace(day=5)
    write_down(helper, member, CODE, activity="garden", day=day)
    with tenant(MIDORI):
        [right] = services.invoices_issue(
            programme_code=CODE,
            month=day,
            due_on=clock.today() + timedelta(days=9),
            by=office.officer,
        )
    wrong = paid_invoice(office, yesterday())
    path = f"/desk/points/{CODE}/invoices/{wrong.uid}/"
    client = office.client(office.officer)
    page = client.get(path)
    assert "2026-0001の入金として記録しなおす" in text(page)
    fields = {
        "order_id": str(page.context["return_form"]["order_id"].value()),
        "reason": "月ちがい",
    }
    for missing in ({}, {"moved_to": str(new_id())}, {"moved_to": str(wrong.uid)}):
        assert client.post(f"{path}return/", fields | missing).status_code == 422
    client.post(f"{path}return/", fields | {"moved_to": str(right.uid)})
    with tenant(MIDORI):
        asked = PaymentReturn.objects.get()
    said = office.client(second_officer()).post(f"{path}return/{asked.uid}/confirm/", follow=True)
    assert "2026-0001</a>に移しました" in text(said)
    with tenant(MIDORI):
        states = list(Invoice.objects.order_by("number").values_list("state", flat=True))
        helps = list(PaidHelp.objects.order_by("start").values_list("state", flat=True))
    assert (states, helps) == (["paid", "issued"], ["settled", "billed"])


def test_only_officers_of_the_town_take_a_payment_back(office):
    install(MIDORI, CODE)
    install(MIDORI, "paid-cash")
    invoice = paid_invoice(office, yesterday())
    path = f"/desk/points/{CODE}/invoices/{invoice.uid}/return/"
    with tenant(MIDORI):
        asked = services.payment_return_ask(
            uid=new_id(), invoice_uid=invoice.uid, reason="月ちがい", by=office.officer
        )
    posts = (path, f"{path}{asked.uid}/confirm/", f"{path}{asked.uid}/cancel/")
    fields = {"reason": "x", "order_id": str(new_id())}
    member = office.cast.second
    for user in (office.coordinator, office.office, office.cast.kita_officer, member.user, None):
        client = office.client(user)
        for post in posts:
            assert client.post(post, fields).status_code == 404, (user, post)
            assert client.get(post).status_code == 404, (user, post)
    officer = office.client(second_officer())
    for post in posts[1:]:
        assert officer.post(post.replace(CODE, "paid-cash")).status_code == 404
        assert officer.post(post.replace(str(asked.uid), str(new_id()))).status_code == 404
    with tenant(MIDORI):
        assert PaymentReturn.objects.get().state == "asked"
        assert Invoice.objects.get().state == "paid"
        assert selectors.wallet(invoice.programme, office.cast.supporter).available == 1_700
    with tenant(KITA):
        assert not PaymentReturn.objects.exists()
