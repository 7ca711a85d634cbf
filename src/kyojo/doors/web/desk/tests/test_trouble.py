"""What troubled a carer reaches the desk, and only the desk."""

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.doors.web.testing import sign_in
from kyojo.help.support import services
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    WEEK_BEFORE,
    cast_make,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
WORDS = "言葉がきつかったです"


def test_a_word_about_trouble_stands_on_the_desk_of_both_towns(towns) -> None:
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END):
        with tenant(KITA):
            services.review_write(
                order_id=new_id(), visit_uid=uid, writer=cast.carer, rating=1, message=WORDS
            )
        for officer in (cast.officer, cast.kita_officer):
            desk = sign_in(Client(), officer)
            assert "困ったという声" in desk.get("/desk/").content.decode()
            assert str(uid) in desk.get("/desk/visits/?due=trouble").content.decode()
            assert WORDS in desk.get(f"/desk/visits/{uid}/").content.decode()


def test_the_desk_hides_what_was_written_and_shows_it_again(towns) -> None:
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END):
        with tenant(KITA):
            review = services.review_write(
                order_id=new_id(), visit_uid=uid, writer=cast.carer, rating=4, message="どうも"
            )
        desk = Client()
        sign_in(desk, cast.officer)
        page = desk.get(f"/desk/visits/{uid}/").content.decode()
        assert "「どうも」" in page and "見えないようにする" in page
        address = f"/desk/visits/{uid}/reviews/{review.uid}"
        assert desk.post(f"{address}/hide/", {"reason": ""}).status_code == 422
        assert "また見えるようにする" not in desk.get(f"/desk/visits/{uid}/").content.decode()
        assert desk.post(f"{address}/hide/", {"reason": "人の名前"}).status_code == 302
        assert "わけ：人の名前" in desk.get(f"/desk/visits/{uid}/").content.decode()
        carer = Client()
        carer.force_login(cast.carer.user, backend="sesame.backends.ModelBackend")
        assert "わけ：人の名前" in carer.get(f"/visits/{uid}/").content.decode()
        assert carer.post(f"{address}/show/").status_code == 404
        assert desk.post(f"{address}/show/").status_code == 302
        assert "見えないようにする" in desk.get(f"/desk/visits/{uid}/").content.decode()
