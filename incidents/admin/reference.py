"""Departments, tenants, workspaces, machines, categories. Nothing is deleted, only switched off."""

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from incidents.admin.imports import ImportableAdmin
from incidents.admin.permissions import ReferenceAdmin
from incidents.models import Category, Department, Tenant, VirtualMachine, Workspace


@admin.register(Department)
class DepartmentAdmin(ImportableAdmin):
    list_display = ["name", "code", "is_active"]
    search_fields = ["name", "code"]
    help_texts = {
        "code": _("Small letters, digits and hyphens, such as finance. It never changes."),
        "name": _("As reporters read it when they choose where a report goes."),
    }

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []  # reports name their department by its code


@admin.register(Tenant)
class TenantAdmin(ImportableAdmin):
    list_display = ["name", "contact", "contract_hours"]
    search_fields = ["name"]
    help_texts = {"name": _("The organisation as its contract names it. Each name stands once.")}


class OneALine(forms.Textarea):
    """User names, one a line: a box of thousands of accounts helps nobody."""

    def value_from_datadict(self, data, files, name) -> list[str]:
        return [line.strip() for line in data.get(name, "").splitlines() if line.strip()]

    def format_value(self, value) -> str:
        return "\n".join(map(str, value or []))


@admin.register(Workspace)
class WorkspaceAdmin(ImportableAdmin):
    list_display = ["name", "tenant", "accountable"]
    list_filter = [("tenant", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["tenant", "accountable"]
    search_fields = ["name", "tenant__name"]
    autocomplete_fields = ["tenant", "accountable"]
    help_texts = {
        "name": _("As its members know it. Each name stands once."),
        "tenant": _("Whose data it holds. Type a part of the name."),
    }

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return forms.ModelMultipleChoiceField(
            get_user_model().objects.filter(is_active=True),
            to_field_name="username",
            widget=OneALine(attrs={"rows": 4, "class": "vLargeTextField"}),
            required=False,
            label=capfirst(str(db_field.verbose_name)),
            help_text=_("User names, one a line."),
        )


@admin.register(VirtualMachine)
class VirtualMachineAdmin(ImportableAdmin):
    list_display = ["name", "workspace"]
    list_select_related = ["workspace"]
    search_fields = ["name", "workspace__name"]
    autocomplete_fields = ["workspace"]
    help_texts = {
        "name": _("As it is called on the network. Each name stands once."),
        "workspace": _("Where it runs. Type a part of the name."),
    }


@admin.register(Category)
class CategoryAdmin(ReferenceAdmin):
    list_display = ["label", "class_label", "code", "taxonomy_version", "is_active"]
    list_filter = ["is_active", "class_label"]
    search_fields = ["label", "code", "class_label"]
    fields = [
        "taxonomy_version",
        "class_code",
        "class_label",
        "code",
        "label",
        "veris",
        "is_active",
    ]

    help_texts = {
        "taxonomy_version": _("The version of the taxonomy that has it, such as 1003."),
        "class_code": _("The code of its class in the taxonomy, such as fraud."),
        "class_label": _("The class in words, such as Fraud."),
        "code": _("Its own code in the taxonomy, such as phishing."),
        "label": _("What agents choose by, such as Phishing."),
        "veris": _("The action in VERIS that it stands for. May be empty."),
        "is_active": _("Switch off what your organisation does not use; what has it keeps it."),
    }

    def get_readonly_fields(self, request, obj=None):
        """The codes are those of the taxonomy; only whether one is in use is a choice."""
        return self.fields[:-1] if obj else []
