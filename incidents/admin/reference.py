"""Departments, tenants, workspaces, machines and categories. Nothing is deleted, only switched off."""

from django.contrib import admin

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


@admin.register(Workspace)
class WorkspaceAdmin(ReferenceAdmin):
    list_display = ["name", "tenant", "accountable"]
    list_filter = [("tenant", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["tenant", "accountable"]
    search_fields = ["name", "tenant__name"]
    autocomplete_fields = ["tenant", "accountable", "members"]


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
    fields = ["taxonomy_version", "class_code", "class_label", "code", "label", "veris", "is_active"]

    def get_readonly_fields(self, request, obj=None):
        """The codes are those of the taxonomy; only whether one is in use is a choice."""
        return self.fields[:-1] if obj else []
