from dataclasses import dataclass
from datetime import datetime

import pytest
from django.test import Client

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User
from kyojo.civic.people.services import staff_role_add, user_create
from kyojo.doors.web.testing import sign_in
from kyojo.help.support.tests.cast import MIDORI, WEEK_BEFORE, Cast
from kyojo.kernel import clock


@dataclass
class Office:
    """The desk of みどり浜市, where the mother lives, and who stands at it."""

    cast: Cast
    officer: User
    second: User
    coordinator: User
    office: User

    def client(self, user: User | None) -> Client:
        client = Client()
        if user is not None:
            sign_in(client, user)
        return client


@pytest.fixture
def office(standing: Cast) -> Office:
    cast = standing
    with clock.frozen(WEEK_BEFORE):
        with tenant(MIDORI):
            second = User.objects.get(email=f"second@{MIDORI}.example.jp")
            area = Area.objects.get(code="minato")
            coordinator = user_create(email="coordinator@example.jp", municipality_id=MIDORI)
            staff_role_add(
                user=coordinator,
                number=f"S-{coordinator.pk}",
                role="coordinator",
                title="港地区 コーディネーター",
                name="潮目 ひろ",
                name_kana="シオメ ヒロ",
                area=area,
            )
            desk = user_create(email="office@example.jp", municipality_id=MIDORI)
            staff_role_add(
                user=desk,
                number=f"S-{desk.pk}",
                role="office",
                title="事務局",
                name="霞 とも",
                name_kana="カスミ トモ",
            )
        yield Office(cast, cast.officer, second, coordinator, desk)


@pytest.fixture
def moment():
    """Move the frozen clock within a test: ``with moment(START): …``."""

    def at(when: datetime):
        return clock.frozen(when)

    return at
