"""The forms of sign-in: our words, codes that work once, and every failed passkey written down."""

import json
from typing import Any

from allauth.account import forms
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as passkeys
from allauth.mfa.webauthn.internal import auth
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.forms import Field
from django.utils.translation import gettext_lazy as _

from incidents import roles
from portal import audit, second_factor
from portal.models import User


class LoginForm(forms.LoginForm):
    """Each field says what it lacks, so that the summary on top can be understood."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].validators.append(MaxLengthValidator(roles.NAME_MOST))
        self.fields["login"].error_messages["required"] = _("Write your user name or e-mail.")
        self.fields["password"].error_messages["required"] = _("Write your password.")


class UsedOnce:
    """A code that somebody looked over a shoulder for, or fished, is worth nothing any more."""

    user: User
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["code"].error_messages["required"] = _("Write the code.")

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if not second_factor.is_first_use(self.user, code):
            audit.note(audit.Kind.FAILED, context.request, who=self.user, detail="code used before")
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(UsedOnce, codes.AuthenticateForm):
    """The second step of signing in."""


class CodeAgainForm(UsedOnce, codes.ReauthenticateForm):
    """Asking again before an act that hands out power."""


class ActivateForm(UsedOnce, totp.ActivateTOTPForm):
    """Setting an app up."""


class ShallowJSON(json.JSONDecoder):
    """A thousand brackets are no passkey, and no reason to fail either."""

    def decode(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().decode(*args, **kwargs)
        except RecursionError:
            raise json.JSONDecodeError("too deep", "", 0) from None


class WrittenDown:
    """Whatever is wrong with what the browser sent is one failed sign-in in the audit."""

    user: User | None
    fields: dict[str, Any]
    errors: dict[str, Any]
    data: Any

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["credential"].decoder = ShallowJSON

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as problem:
            raise get_adapter().validation_error("incorrect_code") from problem

    def clean(self) -> Any:
        if "credential" in self.errors:
            owner = self.user or claimed_owner(self.fields["credential"], self.data)
            audit.passkey_failed(context.request, owner)
        return super().clean()  # type: ignore[misc]


def claimed_owner(field: Field, data: Any) -> User | None:
    """Whose account the passkey says to open; like a name that was typed, it proves nothing."""
    try:
        return auth.extract_user_from_response(field.clean(data.get("credential")))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, ValidationError):
        return None


class PasskeyLoginForm(WrittenDown, passkeys.LoginWebAuthnForm):
    """A passkey alone."""


class PasskeyForm(WrittenDown, passkeys.AuthenticateWebAuthnForm):
    """A passkey as the second step."""


class PasskeyAgainForm(WrittenDown, passkeys.ReauthenticateWebAuthnForm):
    """A passkey before an act that hands out power."""
