"""What troubled a carer reaches the desk, and only the desk."""

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
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
            desk = Client()
            desk.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
            assert "困ったという声" in desk.get("/desk/").content.decode()
            assert str(uid) in desk.get("/desk/visits/?due=trouble").content.decode()
            assert WORDS in desk.get(f"/desk/visits/{uid}/").content.decode()
