import pytest
from django.core import mail
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services, tasks
from kyojo.civic.people.models import Notice
from kyojo.civic.people.testing import make_carer, make_recipient, make_supporter
from kyojo.kernel.errors import NotFound

pytestmark = pytest.mark.django_db

NEWS = {
    "kind": "visit_started",
    "key": "visit:1:started",
    "title": "支援が始まりました",
    "path": "/visits/1/",
}


def jobs():
    return list(ProcrastinateJob.objects.filter(task_name="people.notice_mail"))


def test_news_is_told_once_and_mailed_by_a_job_that_knows_only_ids(towns):
    carer = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        first = services.notice_send(person=carer, **NEWS)
        assert services.notice_send(person=carer, **NEWS | {"title": "別の言葉"}) == first
        assert selectors.notices_unread_count(carer.pk) == 1
    (job,) = jobs()
    assert job.args == {"municipality_id": towns.kita.id, "notice_id": first.pk}
    for _ in range(2):
        tasks.notice_mail(**job.args)
    (sent,) = mail.outbox
    assert sent.to == [carer.user.email]
    assert sent.subject == "支援が始まりました｜Kyojo 共助"
    assert "http://localhost:8000/visits/1/" in sent.body
    assert "青空" not in sent.subject + sent.body


def test_a_mail_that_could_not_leave_is_tried_again(towns, monkeypatch):
    carer = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        notice = services.notice_send(person=carer, **NEWS)
    args = {"municipality_id": towns.kita.id, "notice_id": notice.pk}

    def broken(*_):
        raise ConnectionRefusedError

    with monkeypatch.context() as patch:
        patch.setattr(tasks, "send_mail", broken)
        with pytest.raises(ConnectionRefusedError):
            tasks.notice_mail(**args)
    tasks.notice_mail(**args)
    assert len(mail.outbox) == 1


def test_news_of_a_transaction_that_failed_was_never_there(towns):
    carer = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            services.notice_send(person=carer, **NEWS)
            raise ZeroDivisionError
        assert Notice.objects.count() == 0
    assert jobs() == []


def test_people_without_a_login_and_people_who_left_get_no_mail(towns):
    mother, carer = make_recipient(towns.midori.id), make_carer(towns.midori.id)
    services.notice_send_to(municipality_id=towns.midori.id, person_uid=mother.uid, **NEWS)
    assert jobs() == []
    services.notice_send_to(municipality_id=towns.midori.id, person_uid=carer.uid, **NEWS)
    with tenant(towns.midori.id):
        services.person_leave(person=carer)
    (job,) = jobs()
    tasks.notice_mail(**job.args)
    assert mail.outbox == []
    with pytest.raises(NotFound):
        services.notice_send_to(municipality_id=towns.kita.id, person_uid=mother.uid, **NEWS)


def test_news_is_read_by_whom_it_is_for(towns):
    carer, other = make_carer(towns.kita.id), make_supporter(towns.kita.id)
    with tenant(towns.kita.id):
        notice = services.notice_send(person=carer, **NEWS)
        with pytest.raises(NotFound):
            services.notice_mark_read(person=other, notice_id=notice.pk)
        assert selectors.notices_unread_count(carer.pk) == 1
        read = services.notice_mark_read(person=carer, notice_id=notice.pk)
        assert services.notice_mark_read(person=carer, notice_id=notice.pk).read_at == read.read_at
        assert selectors.notices_unread_count(carer.pk) == 0
        services.notice_send(person=carer, **NEWS | {"key": "visit:1:ended"})
        assert services.notices_mark_all_read(person=carer) == 1
        assert [n.key for n in selectors.notices_for(carer)] == ["visit:1:ended", "visit:1:started"]
        assert selectors.notices_for(other) == []
