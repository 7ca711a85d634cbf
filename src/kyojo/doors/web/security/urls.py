"""Keys, devices, and being asked once more."""

from django.urls import path

from . import growing, mailing, pages, passkeys, second

urlpatterns = [
    path("security/second/", second.second_page, name="second"),
    path("security/set-up/", second.set_up_page, name="set-up"),
    path("security/set-up/app/", second.app_page, name="set-up-app"),
    path("security/set-up/app/remove/", second.app_remove, name="app-remove"),
    path("security/recovery/", second.recovery_page, name="recovery"),
    path("security/step/", pages.step_page, name="step"),
    path("me/contact/", growing.contact_page, name="me-contact"),
    path("me/mail/", mailing.mail_page, name="me-mail"),
    path("me/mail/code/", mailing.code_page, name="me-mail-code"),
    path("me/devices/", pages.devices_page, name="devices"),
    path("me/devices/<int:pk>/remove/", pages.device_out, name="device-remove"),
    path("accounts/2fa/webauthn/", passkeys.list_keys, name="mfa_list_webauthn"),
    path("accounts/2fa/webauthn/add/", passkeys.add, name="mfa_add_webauthn"),
    path(
        "accounts/2fa/webauthn/reauthenticate/",
        passkeys.reauthenticate,
        name="mfa_reauthenticate_webauthn",
    ),
    path(
        "accounts/2fa/webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"
    ),
    path("accounts/2fa/webauthn/keys/<int:pk>/edit/", passkeys.edit, name="mfa_edit_webauthn"),
    path("accounts/2fa/webauthn/login/", passkeys.login, name="mfa_login_webauthn"),
]
