"""Departments, tenants, workspaces, machines, categories. Nothing is deleted, only switched off."""

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from incidents.admin.permissions import ReferenceAdmin
from incidents.models import Category, Department, Tenant, VirtualMachine, Workspace


@admin.register(Department)
class DepartmentAdmin(ReferenceAdmin):
    list_display = ["name", "code", "is_active"]
    search_fields = ["name", "code"]

    def get_readonly_fields(self, request, obj=None):
        return ["code"] if obj else []  # reports name their department by its code


@admin.register(Tenant)
class TenantAdmin(ReferenceAdmin):
    list_display = ["name", "contact", "contract_hours"]
    search_fields = ["name"]


class OneALine(forms.Textarea):
    """User names, one a line: a box of thousands of accounts helps nobody."""

    def value_from_datadict(self, data, files, name) -> list[str]:
        return [line.strip() for line in data.get(name, "").splitlines() if line.strip()]

    def format_value(self, value) -> str:
        return "\n".join(map(str, value or []))


@admin.register(Workspace)
class WorkspaceAdmin(ReferenceAdmin):
    list_display = ["name", "tenant", "accountable"]
    list_filter = [("tenant", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["tenant", "accountable"]
    search_fields = ["name", "tenant__name"]
    autocomplete_fields = ["tenant", "accountable"]

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
class VirtualMachineAdmin(ReferenceAdmin):
    list_display = ["name", "workspace"]
    list_select_related = ["workspace"]
    search_fields = ["name", "workspace__name"]
    autocomplete_fields = ["workspace"]


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

    def get_readonly_fields(self, request, obj=None):
        """The codes are those of the taxonomy; only whether one is in use is a choice."""
        return self.fields[:-1] if obj else []
