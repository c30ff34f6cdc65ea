"""Pages that act: a form about one incident, shown by GET, carried out by POST.

A page only translates. What is refused comes back on the same page with every reason, and what was
typed is kept.
"""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View
from django_fsm import ConcurrentTransition

from incidents import access, need_to_know
from incidents.admin import refusals
from incidents.guards import Refused
from incidents.models import Incident
from incidents.records import Stale
from incidents.rights import Denied


def incident_for(user, key: int) -> Incident:
    """The incident with everything a page names; Http404 when it is not this person's to see.

    Looking at a restricted one is put on record.
    """
    related = ("owner", "manager", "reporter", "entered_by", "category", "department")
    incident = access.visible_to(user).select_related(*related).filter(pk=key).first()
    if incident is None:
        raise Http404
    need_to_know.note_view(incident, user)
    return incident


class ActPage(View):
    """One form. A subclass says what is asked (`form_class`), who may, and what is done with it."""

    admin_site: Any = None
    incident: Any
    template_name = "admin/incidents/act.html"
    form_class: type[forms.Form]
    title: Any = ""
    verb: Any = _("Save")
    intro: Any = ""
    done: Any = _("Saved.")
    anchor = ""
    http_method_names = ["get", "head", "post"]

    @classmethod
    def at(cls, admin_site: AdminSite):
        """The view, behind the door of the console."""
        return admin_site.admin_view(cls.as_view(admin_site=admin_site))

    def setup(self, request, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.find(**kwargs)
        if not self.is_allowed():
            raise PermissionDenied

    def find(self, **keys: Any) -> None:
        """Look up what the page is about, by what its address says."""
        self.incident = incident_for(self.request.user, keys["pk"])

    def is_allowed(self) -> bool:
        raise NotImplementedError

    def initial(self) -> dict[str, Any]:
        return {}

    def form(self, data=None, files=None) -> forms.Form:
        return self.form_class(data, files, initial=self.initial())

    def act(self, form: forms.Form) -> None:
        """Do it. Raises what incidents.admin.refusals knows."""
        raise NotImplementedError

    def get(self, request, **kwargs: Any) -> HttpResponseBase:
        return self.page(self.form())

    def post(self, request, **kwargs: Any) -> HttpResponseBase:
        form = self.form(request.POST, request.FILES)
        reasons: list[refusals.Lack] = []
        status = HTTPStatus.OK
        if form.is_valid():
            try:
                self.act(form)
            except refusals.REFUSALS as problem:
                reasons, status = self.explain(form, problem)
            else:
                self.tell()
                return self.leave()
        return self.page(form, reasons, status)

    def tell(self) -> None:
        """Say above the next page that it is done."""
        messages.success(self.request, self.done)

    def explain(
        self, form: forms.Form, problem: Exception
    ) -> tuple[list[refusals.Lack], HTTPStatus]:
        """Put a refusal on the form: by field, or as reasons with their cures."""
        if isinstance(problem, ValidationError):
            _put(form, problem)
            return [], HTTPStatus.OK
        if isinstance(problem, Refused):
            return self.lacks(problem, form), HTTPStatus.CONFLICT
        if isinstance(problem, Denied):
            form.add_error(None, str(problem))
            return [], HTTPStatus.FORBIDDEN
        if isinstance(problem, Stale):
            self.is_stale(form)
        if isinstance(problem, ConcurrentTransition):
            form.add_error(None, _("Somebody else was faster. Look at the incident again."))
        else:
            form.add_error(None, str(problem))
        return [], HTTPStatus.CONFLICT

    def lacks(self, problem: Refused, form) -> list[refusals.Lack]:
        return [
            refusals.lack(reason, self.incident, fields=form.fields) for reason in problem.reasons
        ]

    def is_stale(self, form: forms.Form) -> None:
        """Hook for pages that compare versions."""

    def leave(self) -> HttpResponse:
        """On to where it leads. The script of the incident's page goes there itself: a page that
        it fetched would have taken the messages away."""
        if "X-In-Place" in self.request.headers:
            return JsonResponse({"go": self.back()})
        return redirect(self.back())

    def back(self) -> str:
        """Where to go when it is done."""
        page = reverse("admin:incidents_incident_change", args=[self.incident.pk])
        return f"{page}#{self.anchor}" if self.anchor else page

    def page(
        self,
        form: forms.Form,
        reasons: list[refusals.Lack] | None = None,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(self.request),
            "title": self.heading(),
            "incident": self.incident,
            "form": form,
            "reasons": reasons or [],
            "verb": self.verb,
            "intro": self.intro,
            "back": self.back(),
            **self.more(form),
        }
        return TemplateResponse(self.request, self.template_name, context, status=status)

    def heading(self) -> str:
        return f"{self.title}, {self.incident.reference}"

    def more(self, form: forms.Form) -> dict[str, Any]:
        """Further names for the template."""
        return {}


def _put(form: forms.Form, problem: ValidationError) -> None:
    """Each message at its field; a field that is not on the form speaks above it."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, sentences in problem.message_dict.items():
        form.add_error(name if name in form.fields else None, sentences)
