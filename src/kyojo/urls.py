"""Every address of the house: one include per audience."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

AUDIENCES = (
    "account", "security", "points", "carer", "supporter", "visits", "safety", "company", "town",
    "desk", "log", "guide", "shop", "privacy", "community", "recognition",
)  # fmt: skip

urlpatterns: list[URLPattern | URLResolver] = [
    *(path("", include(f"kyojo.doors.web.{audience}.urls")) for audience in AUDIENCES),
    path("", include("kyojo.doors.web.urls")),
    path("", include("kyojo.doors.devices.urls")),
]
if settings.DEMO:
    urlpatterns.append(path("", include("kyojo.doors.web.demo.urls")))

handler404 = "kyojo.doors.web.http.page_not_found"
handler403 = "kyojo.doors.web.http.page_forbidden"
handler500 = "kyojo.doors.web.http.page_broken"
