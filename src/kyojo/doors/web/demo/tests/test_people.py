"""Whom one is in the demo: staff without a person of their own are named by their role."""

from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings

from kyojo.civic.people.models import User
from kyojo.doors.ops.models import DemoRole
from kyojo.doors.web.demo import views

pytestmark = pytest.mark.django_db


@override_settings(DEMO=True)
def test_the_bar_names_the_role_of_staff(towns: SimpleNamespace, rf: RequestFactory) -> None:
    user = User.objects.create_user("officer@example.jp", municipality=towns.midori)
    name = "霧島 はる（みどり浜市 福祉課 主任）"
    DemoRole.objects.create(key="officer", user=user, group="市", name=name, story="", position=1)
    request = rf.post("/demo/be/", {"key": "officer"})
    request.session = SessionStore()
    assert views.be(request).status_code == 302
    request.municipality_id, request.person = towns.midori.pk, None
    bar = render_to_string("parts/demo_bar.html", request=request)
    assert f"{name}として見ています" in bar
    assert "User" not in bar
