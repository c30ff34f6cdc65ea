"""Macros in the console: written by those who speak for the organisation, never deleted."""

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from incidents import macros
from incidents.admin.permissions import ReferenceAdmin
from incidents.models import Macro
from incidents.roles import Role

WRITERS = frozenset({Role.MIM, Role.CISO, Role.COM, Role.ADM})


class MacroForm(forms.ModelForm):
    class Meta:
        model = Macro
        fields = ["name", "audience", "language", "text", "changes", "is_active"]
        help_texts = {
            "name": _("What it is for, in two or three words; one for each language."),
            "language": _("The language of its words. It is offered where that language is read."),
            "audience": _("Choosing it switches the composer to this audience."),
            "changes": _(
                'Facts that are set with it, such as {"waiting_on": "reporter"}. Shown before it '
                "is sent, and only by those who may change the fact."
            ),
            "is_active": _("Without it nobody is offered it; what was sent stays."),
        }

    def clean_changes(self):
        changes = self.cleaned_data["changes"]
        changes = {} if changes in (None, "", []) else changes
        macros.check_changes(changes)
        return changes


@admin.register(Macro)
class MacroAdmin(ReferenceAdmin):
    writers = WRITERS
    form = MacroForm
    list_display = ["name", "audience", "language", "sets", "is_active"]
    list_filter = ["audience", "language", "is_active"]
    search_fields = ["name", "text"]

    @admin.display(description=_("changes"))
    def sets(self, macro: Macro) -> str:
        return "; ".join(macros.shown_changes(macro))
