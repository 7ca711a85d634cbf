"""The ground of the tests holds what ``conftest.py`` promises."""

import threading
import urllib.error
import urllib.request

import pytest
from conftest import Standing
from django.db import connection, connections, transaction

from kyojo.civic.municipalities.models import Municipality, Operator
from kyojo.civic.municipalities.tenancy import tenant


def test_other_threads_see_what_is_committed(committed_db, towns):
    seen = []

    def look() -> None:
        try:
            with tenant(towns.kita.id):
                seen.extend(Operator.objects.values_list("name", flat=True))
        finally:
            connections.close_all()

    with tenant(towns.kita.id):
        Operator.objects.create(kind="npo", name="みほんの会", name_kana="みほんのかい")
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == ["みほんの会"]


def test_afterwards_every_table_is_empty_but_what_migrations_filled(committed_db, ground):
    assert not Municipality.objects.exists()
    assert {"django_migrations", "django_content_type"} <= ground.reference_tables
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM django_migrations")
        assert cursor.fetchone() == (True,)


@pytest.mark.django_db
def test_a_rolled_back_test_leaves_no_setting_behind(towns):
    with tenant(towns.kita.id):
        assert not Operator.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, coalesce(current_setting('app.municipality', true), '')"
        )
        assert cursor.fetchone() == ("kyojo_app", "")


def test_a_forgotten_transaction_ends_with_the_test(committed_db, ground):
    from conftest import tables_empty

    transaction.set_autocommit(False)
    Municipality.objects.count()  # holds a lock on the table until somebody ends it
    with pytest.raises(pytest.fail.Exception, match="open transaction"):
        tables_empty(ground, lock_timeout_seconds=0.2)
    connection.close()


def test_the_site_answers_on_a_real_socket(live_site):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{live_site.url}/no-such-page/")
    assert refused.value.code == 404
    with urllib.request.urlopen(f"{live_site.url}/static/web/components.css") as style:
        assert style.status == 200


@pytest.mark.django_db
def test_a_cast_that_cannot_be_made_leaves_nothing_behind(monkeypatch):
    """The next test that asks for one lays it anew."""

    def broken():
        raise ValueError("no cast")

    monkeypatch.setattr("kyojo.help.support.tests.cast.cast_make", broken)
    standing = Standing()
    for _ in range(2):
        with pytest.raises(ValueError, match="no cast"):
            standing.lay()
    assert (standing.around, standing.towns, standing.cast) == (None, None, None)
    assert not Municipality.objects.exists()
