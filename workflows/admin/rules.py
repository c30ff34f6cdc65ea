"""Keyword rules in the console: the phrases in use, and a page that tries them on a text."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from incidents.admin.forms import Line, Lines, choice
from incidents.admin.marks import highlight
from incidents.admin.panels import Mark
from incidents.admin.permissions import ReadOnlyAdmin
from incidents.states import About, PersonalData
from workflows import rules
from workflows.admin.playbooks import READERS
from workflows.models import RuleVersion
from workflows.models.rules import Verdict


class TryForm(forms.Form):
    subject = Line(label=_("Subject"))
    description = Lines(8, label=_("Description"))
    about = choice(About.choices, label=_("About"))
    personal_data = choice(PersonalData.choices, label=_("Personal data"))


@dataclass(frozen=True, slots=True)
class Found:
    """What would happen to one playbook, and on which words."""

    code: str
    verdict: str
    is_full: bool
    hits: list[Any]


@admin.register(RuleVersion)
class RuleAdmin(ReadOnlyAdmin):
    """The phrases as they were loaded; a change is a new version from the shipped files."""

    readers = READERS
    list_display = ["code", "version", "is_active", "loaded_at"]
    list_filter = ["is_active", "code"]
    search_fields = ["code", "text"]
    change_list_template = "admin/workflows/rules.html"

    def get_urls(self):
        site = self.admin_site
        return [
            path(
                "", site.admin_view(self.changelist_view), name="workflows_ruleversion_changelist"
            ),
            path("try/", site.admin_view(self.try_view), name="workflows_ruleversion_try"),
            path(
                "<int:pk>/change/",
                site.admin_view(self.page_view),
                name="workflows_ruleversion_change",
            ),
        ]

    def page_view(self, request, pk: int):
        return require_safe(self._page)(request, pk)

    def try_view(self, request):
        return require_http_methods(["GET", "HEAD", "POST"])(self._try)(request)

    def _page(self, request, pk: int):
        self._check(request)
        version = RuleVersion.objects.filter(pk=pk).first()
        if version is None:
            raise Http404
        return self._show(
            request,
            "admin/workflows/rule.html",
            title=str(version),
            version=version,
            others=RuleVersion.objects.filter(code=version.code).exclude(pk=pk),
        )

    def _try(self, request):
        """Nothing is stored: the text is matched with the rules in use, and forgotten."""
        self._check(request)
        form = TryForm(request.POST or None)
        result = rules.try_out(**form.cleaned_data) if form.is_valid() else None
        found, story = _found(result, form) if result else ([], "")
        return self._show(
            request,
            "admin/workflows/try.html",
            title=_("Try the rules on a text"),
            form=form,
            result=result,
            found=found,
            story=story,
        )

    def _check(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _show(self, request, template: str, **context: Any):
        page = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, template, page)


def _found(result, form: TryForm) -> tuple[list[Found], str]:
    labels = dict(Verdict.choices)
    found = [
        Found(
            code,
            str(labels.get(verdict, verdict)),
            verdict == Verdict.FULL,
            [hit for hit in result.hits if hit.playbook == code],
        )
        for code, verdict in result.verdicts.items()
    ]
    marks = [
        Mark(hit.field, hit.start, hit.end, hit.text, hit.negated)
        for hit in result.hits
        if hit.field == "description"
    ]
    return found, highlight(form.cleaned_data["description"], marks)
