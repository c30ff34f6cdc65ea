"""Playbooks in the console: reading a version, attaching one, and deciding whether one applies."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from pydantic import ValidationError as Broken

from incidents import rights, tasks
from incidents.admin.acts import ActPage, incident_for
from incidents.admin.forms import Line, Lines, choice
from incidents.admin.permissions import ReadOnlyAdmin
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right
from incidents.roles import Role
from workflows import playbooks
from workflows.models import PlaybookRun, PlaybookVersion

READERS = frozenset({Role.ADM, Role.CISO, Role.AUD, Role.MIM, Role.IH, Role.SDA, Role.DPO})


class AttachForm(forms.Form):
    why = Line(label=gettext_lazy("Why"), max_length=300)

    def __init__(self, incident, data=None):
        super().__init__(data)
        present = set(
            incident.playbook_runs.filter(mode=PlaybookRun.Mode.FULL).values_list("code", flat=True)
        )
        self.fields["code"] = choice(
            [(each.code, f"{each.code} {each.title}") for each in playbooks.current()
             if each.code not in present],
            label=gettext_lazy("Playbook"),
            help_text=gettext_lazy("Its tasks are laid out at once, and whom it names is rung."),
        )  # fmt: skip
        self.order_fields(["code", "why"])


class AttachPage(ActPage):
    title = gettext_lazy("Attach a playbook")
    verb = gettext_lazy("Attach")
    done = gettext_lazy("Playbook attached; its tasks are below.")
    anchor = "tasks"

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.ATTACH_PLAYBOOK, self.incident)

    def form(self, data=None, files=None) -> AttachForm:
        return AttachForm(self.incident, data)

    def act(self, form) -> None:
        words = form.cleaned_data
        playbooks.attach(self.incident, words["code"], by=self.request.user, why=words["why"])


class DecideForm(forms.Form):
    result = Lines(
        3,
        label=gettext_lazy("What you found"),
        max_length=TEXT_MOST,
        help_text=gettext_lazy("Needed to say no. Goes to the timeline."),
    )


class DecidePage(ActPage):
    """A rule was not sure: a person says whether the playbook applies. Two buttons, one form."""

    template_name = "admin/workflows/decide.html"
    form_class = DecideForm
    anchor = "why"

    def find(self, **keys: Any) -> None:
        run = PlaybookRun.objects.select_related("playbook").filter(pk=keys["pk"]).first()
        if run is None:
            raise Http404
        self.run = run
        self.incident = incident_for(self.request.user, run.incident_id)
        run.incident = self.incident
        self.task = playbooks.confirm_task(run)

    def is_allowed(self) -> bool:
        return self.task is None or tasks.may_work_on(self.request.user, self.task)

    def act(self, form) -> None:
        said = form.cleaned_data["result"]
        if self.request.POST.get("decision") == "confirm":
            playbooks.confirm(self.run, by=self.request.user, note=said)
            self.done = _("%s applies: its tasks are laid out.") % self.run.code
        elif self.request.POST.get("decision") == "dismiss":
            playbooks.dismiss(self.run, by=self.request.user, why=said)
            self.done = _("%s does not apply.") % self.run.code
        else:
            raise forms.ValidationError(_("Say whether it applies."))

    def heading(self) -> str:
        return _("Does “%(title)s” apply to %(reference)s?") % {
            "title": self.run.playbook.title,
            "reference": self.incident.reference,
        }

    def more(self, form) -> dict[str, Any]:
        return {"run": self.run, "task": self.task}


@admin.register(PlaybookVersion)
class PlaybookAdmin(ReadOnlyAdmin):
    """What runs when a rule fires, as a security officer reads it. Versions never change."""

    readers = READERS
    list_display = ["code", "title", "version", "is_current", "loaded_at"]
    list_filter = ["is_current", "code"]
    search_fields = ["code", "title"]

    def get_urls(self):
        site = self.admin_site
        return [
            path("attach/<int:pk>/", AttachPage.at(site), name="workflows_attach"),
            path("decide/<int:pk>/", DecidePage.at(site), name="workflows_decide"),
            path(
                "",
                site.admin_view(self.changelist_view),
                name="workflows_playbookversion_changelist",
            ),
            path(
                "<int:pk>/change/",
                site.admin_view(require_safe(self.page_view)),
                name="workflows_playbookversion_change",
            ),
        ]

    def page_view(self, request, pk: int):
        if not self.has_view_permission(request):
            raise PermissionDenied
        version = PlaybookVersion.objects.filter(pk=pk).first()
        if version is None:
            raise Http404
        try:
            content = playbooks.content_of(version)
        except Broken:
            content = None  # the page then shows what is stored, as it is
        context = {
            **self.admin_site.each_context(request),
            "title": f"{version.code} {version.title}, v{version.version}",
            "opts": self.opts,
            "version": version,
            "content": content,
            "others": PlaybookVersion.objects.filter(code=version.code).exclude(pk=pk),
        }
        return TemplateResponse(request, "admin/workflows/playbook.html", context)
