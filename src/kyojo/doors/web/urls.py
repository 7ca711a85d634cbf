"""The addresses of the base itself."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from . import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/2fa/webauthn/", include("allauth.mfa.webauthn.urls")),
    path("manifest.webmanifest", views.manifest, name="manifest"),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns.append(path("style/", views.style, name="style"))
