"""Signing in and out."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm

from estimator.services import sign_in


class SignInForm(AuthenticationForm):
    """Says so when a name has to wait: a right password must not look like a wrong one."""

    def clean(self) -> dict[str, Any]:
        name = self.cleaned_data.get("username", "")
        if sign_in.is_blocked(name=name, address=sign_in.address_of(self.request)):
            raise forms.ValidationError(
                f"Too many failed tries for this name. Wait {settings.SIGN_IN_WAIT_S // 60} minutes, then try again.",
                code="blocked",
            )
        return super().clean()


class SignIn(views.LoginView):
    """The one page that everybody may see."""

    authentication_form = SignInForm
    template_name = "sign_in.html"
    redirect_authenticated_user = True


class SignOut(views.LogoutView):
    """POST only: a link on another site must not sign anybody out."""
