"""Passkeys: django-allauth's views, with our rules about who may change keys."""

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views
from allauth.mfa.webauthn.internal import auth, flows
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import User

from . import codes, devices, second, strength
from .stepping import step_up_required

View = Callable[..., HttpResponse]


class AddView(views.AddWebAuthnView):
    """A new passkey. At the desk it is a second factor at once, and recovery codes come with it."""

    def form_valid(self, form: Any) -> HttpResponse:
        user = cast(User, self.request.user)
        key = auth.WebAuthn.add(
            user, form.cleaned_data["name"], form.cleaned_data["credential"]
        ).instance
        if not second.is_staff(self.request):
            _told(self.request, user, codes.added)
            messages.success(self.request, "パスキーを登録しました。次から、これで入れます。")
            return HttpResponseRedirect(reverse("me"))
        codes.added(user, "webauthn")
        post_authentication(self.request, key, reauthenticated=True)
        devices.trust(self.request)
        made = codes.recovery_ensure(user)
        return second.after_key(self.request, made=made, next_path=second.next_of(self.request))


class RemoveView(views.RemoveWebAuthnView):
    def form_valid(self, form: Any) -> HttpResponse:
        user = cast(User, self.request.user)
        flows.remove_authenticator(self.request, self.get_object())
        codes.dangling_remove(user)
        _told(self.request, user, codes.removed)
        return HttpResponseRedirect(self.get_success_url())


class ListView(views.ListWebAuthnView):
    """ログインのしかた: the mail address, the passkeys, and for the desk the other keys."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = cast(User, self.request.user)
        if second.is_staff(self.request):
            kinds = strength.kinds_of(user)
            context |= {
                "is_staff": True,
                "has_app": Authenticator.Type.TOTP in kinds,
                "recovery_left": codes.recovery_left(user),
            }
        return context


class LoginView(views.LoginWebAuthnView):
    """Coming in by a passkey, which makes the device known."""

    def form_valid(self, form: Any) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        if self.request.user.is_authenticated:
            devices.opened(self.request, cast(User, self.request.user), trusted=True)
        return answer


def _told(request: HttpRequest, user: User, tell: Callable[[User, str], None]) -> None:
    if user.municipality_id is not None:
        with tenant(user.municipality_id):
            tell(user, "webauthn")


def keys_guarded(view: View) -> View:
    """At the desk, keys are changed by who shows one; elsewhere allauth asks for a fresh login."""

    @never_cache
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated and second.is_staff(request):
            asked = second.keys_ask(request)
            if asked is not None:
                return asked
        return view(request, *args, **kwargs)

    return guarded


def _adding(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    if request.user.is_authenticated and not second.is_staff(request):
        asked = step_up_required(request, "passkey_add")
        if asked is not None:
            return asked
    return _add(request, *args, **kwargs)


_add = AddView.as_view()
list_keys = login_required(never_cache(ListView.as_view()))
add = keys_guarded(_adding)
remove = keys_guarded(RemoveView.as_view())
edit = keys_guarded(views.edit_webauthn)
reauthenticate = views.reauthenticate_webauthn
login = LoginView.as_view()
