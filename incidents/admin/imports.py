"""The page that imports a file: first it shows what would happen, then it does just that.

Between the two the file travels in the page, signed: it is kept nowhere.
"""

import csv
import json
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from incidents import changes, import_file, organisation_import
from incidents.admin.permissions import ReferenceAdmin
from incidents.models import Department, Tenant, VirtualMachine, Workspace
from incidents.organisation_import import Plan, PlanChanged, Row

SHOWN_MOST = 100
ENTRIES_AT_ONCE = 1000
REPR_MOST = 200  # as much as the log has room for
SECONDS = 3600  # a plan may be looked at so long

COLUMNS: dict[type[Model], dict[str, Any]] = {
    Department: {
        "code": _("By it a department is found; it never changes."),
        "name": _("As reporters read it."),
        "is_active": _("yes or no: whether it takes reports."),
    },
    Tenant: {
        "name": _("By it a tenant is found."),
        "contact": _("Who must be told of a breach. May be empty."),
        "contract_hours": _("Within how many hours; 24 if the column is left out."),
    },
    Workspace: {
        "name": _("By it a workspace is found."),
        "tenant": _("The name of a tenant that is here already."),
        "accountable": _("The user name of the Accountable. Empty takes the person away."),
        "members": _("All user names, with blanks between. Whoever is left out is taken away."),
    },
    VirtualMachine: {
        "name": _("By it a machine is found."),
        "workspace": _("The name of a workspace that is here already."),
    },
}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv,text/plain"}),
        help_text=_(
            "Up to 1 MB and 10,000 rows, in UTF-8. Nothing is stored yet: you first see what "
            "would change."
        ),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        return import_file.decode(file.read(import_file.BYTES_MOST + 1))


class ImportableAdmin(ReferenceAdmin):
    """Beside "Add" there is "Import", for whoever may add and change."""

    change_list_template = "admin/incidents/importable_list.html"

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        site = self.admin_site
        return [
            path("import/", site.admin_view(self.import_view), name=f"{name}_import"),
            path(
                "import/template.csv",
                site.admin_view(require_safe(self.template_view)),
                name=f"{name}_template",
            ),
            *super().get_urls(),
        ]

    def template_view(self, request) -> HttpResponse:
        """A file to begin with: the header and an example."""
        self._demand(request)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        name = f"{self.opts.model_name}-import.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        csv.writer(answer).writerows(organisation_import.FILES[self.model])
        return answer

    def import_view(self, request):
        self._demand(request)
        if request.method != "POST":
            return self._page(request, ImportForm())
        if "signed" in request.POST:
            return self._apply(request)
        form = ImportForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        text = form.cleaned_data["file"]
        return self._plan_page(request, text, organisation_import.plan(self.model, text))

    def _demand(self, request) -> None:
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied

    def _apply(self, request):
        """Do what was shown, or show what would happen by now."""
        salt = self._salt(request)
        try:
            sent = signing.loads(request.POST["signed"], salt=salt, max_age=SECONDS)
        except signing.BadSignature:
            messages.error(request, gettext("This plan is no longer good. Send the file again."))
            return redirect(self._address("import"))
        try:
            rows = self._store(request, sent["text"], sent["digest"])
        except PlanChanged as problem:
            told = gettext(
                "Nothing is stored: meanwhile something changed. Look at the plan again."
            )
            messages.warning(request, told)
            return self._plan_page(request, sent["text"], problem.plan, HTTPStatus.CONFLICT)
        self._tell(request, rows)
        return redirect(self._address("changelist"))

    @transaction.atomic
    def _store(self, request, text: str, digest: str) -> list[Row]:
        """Each row is on record as if somebody had changed it by hand."""
        rows = organisation_import.apply(self.model, text, digest)
        kind = ContentType.objects.get_for_model(self.model)
        entries = (
            LogEntry(
                user=request.user,
                content_type=kind,
                object_id=row.instance.pk,
                object_repr=str(row.instance)[:REPR_MOST],
                action_flag=ADDITION if row.is_new else CHANGE,
                change_message=json.dumps(self._note(row)),
            )
            for row in rows
        )
        LogEntry.objects.bulk_create(entries, batch_size=ENTRIES_AT_ONCE)
        return rows

    def _tell(self, request, rows: list[Row]) -> None:
        added = sum(row.is_new for row in rows)
        changed = len(rows) - added
        if added:
            told = ngettext("%d row added.", "%d rows added.", added) % added
            messages.success(request, told)
        if changed:
            told = ngettext("%d row changed.", "%d rows changed.", changed) % changed
            messages.success(request, told)

    def _note(self, row: Row) -> list[dict[str, Any]]:
        return changes.message(self.model, row.values, is_new=row.is_new)

    def _salt(self, request) -> str:
        """A plan is good for the one who saw it, and for this list."""
        return f"import {self.opts.label} {request.user.pk}"

    def _address(self, page: str) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}")

    def _plan_page(self, request, text: str, plan: Plan, status: HTTPStatus = HTTPStatus.OK):
        """What the file would do: problems first, then what changes, then what is new."""
        parts = [
            (each, [(row, self._lines(row)) for row in rows[:SHOWN_MOST]], len(rows))
            for each, rows in (("changed", plan.changed), ("added", plan.added))
        ]
        signed = ""
        if plan.can_apply:
            sent = {"text": text, "digest": plan.digest}
            signed = signing.dumps(sent, salt=self._salt(request), compress=True)
        words = {
            "plan": plan,
            "problems": plan.problems[:SHOWN_MOST],
            "parts": parts,
            "signed": signed,
        }
        return self._page(request, ImportForm(), status, **words)

    def _lines(self, row: Row) -> list[str]:
        return changes.lines_of(self.model, self._note(row))

    def _page(
        self, request, form: ImportForm, status: HTTPStatus = HTTPStatus.OK, **words: Any
    ) -> TemplateResponse:
        columns, example = organisation_import.FILES[self.model]
        explained = COLUMNS[self.model]
        name = self.opts.verbose_name_plural
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Import %(rows)s") % {"rows": name},
            "opts": self.opts,
            "form": form,
            "columns": [
                (each, explained[each], cell) for each, cell in zip(columns, example, strict=True)
            ],
            "back": self._address("changelist"),
            "here": self._address("import"),
            "template": self._address("template"),
            **words,
        }
        return TemplateResponse(request, "admin/incidents/import.html", context, status=status)
