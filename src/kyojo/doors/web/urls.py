"""The addresses of the base itself, and those that the passkeys (``security``) refer to."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, path
from django.views.generic import RedirectView

from . import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("sw.js", views.worker, name="worker"),
    # Names that allauth's passkey views reverse: our login, our page about oneself. Who is to
    # prove again who they are logs in again, since there are no passwords.
    path(
        "accounts/login/",
        RedirectView.as_view(url=settings.LOGIN_URL, query_string=True),
        name="account_login",
    ),
    path(
        "accounts/reauthenticate/",
        RedirectView.as_view(url=settings.LOGIN_URL, query_string=True),
        name="account_reauthenticate",
    ),
    path("accounts/2fa/", RedirectView.as_view(url="/me/"), name="mfa_index"),
]
if settings.DEMO or settings.DEBUG:
    urlpatterns.append(path("style/", views.style, name="style"))
