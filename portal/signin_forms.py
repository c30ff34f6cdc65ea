"""The sign-in form in our words."""

from typing import Any

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


class LoginForm(forms.LoginForm):
    """Each field says what it lacks, so that the summary on top can be understood."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name or e-mail")
        self.fields["login"].error_messages["required"] = _("Write your user name or e-mail.")
        self.fields["password"].error_messages["required"] = _("Write your password.")
