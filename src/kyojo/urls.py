"""Every address of the house: one include per audience."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

AUDIENCES = ["account", "carer", "supporter", "visits", "company", "town", "desk"]
if settings.DEMO:
    AUDIENCES.append("demo")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"kyojo.doors.web.{audience}.urls"))
    for audience in AUDIENCES
    if find_spec(f"kyojo.doors.web.{audience}") and find_spec(f"kyojo.doors.web.{audience}.urls")
]
urlpatterns.append(path("", include("kyojo.doors.web.urls")))

handler404 = "kyojo.doors.web.http.page_not_found"
handler403 = "kyojo.doors.web.http.page_forbidden"
handler500 = "kyojo.doors.web.http.page_broken"
