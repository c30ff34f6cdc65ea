"""Who is named on a restricted incident, and the pages that restrict, name, take off and lift."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from incidents import need_to_know, rights, roles
from incidents.admin.acts import ActPage
from incidents.admin.forms import Lines, holders
from incidents.admin.panels import PANELS, Panel
from incidents.models import Incident, Task
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right
from incidents.roles import Role
from incidents.states import SETTLED_TASK_STATES, Confidentiality


def panel(incident: Incident, user) -> dict[str, Any] | None:
    """The list of a restricted incident, or the way to restrict it."""
    is_restricted = incident.confidentiality == Confidentiality.RESTRICTED
    may = rights.allowed(user, Right.RESTRICT, incident)
    if not is_restricted and not may:
        return None
    people = named(incident) if is_restricted else []
    return {
        "named_people": people,
        "is_restricted": is_restricted,
        "may_name": may,
        "may_lift": is_restricted and rights.allowed(user, Right.LIFT_RESTRICTION, incident),
        "named_url": reverse("admin:incidents_incident_named", args=[incident.pk, "name"]),
    }


def named(incident: Incident) -> list[Any]:
    rows = incident.named_people.select_related("person").order_by("pk")
    return [row.person for row in rows]


def nameable() -> QuerySet:
    """Everybody with a role that sees incidents."""
    return holders([role for role in roles.GROUP_OF if role != Role.ADM])


def _reason(label) -> forms.Field:
    return Lines(2, label=label, max_length=TEXT_MOST, help_text=_("Goes to the timeline."))


class ListForm(forms.Form):
    """Several people, and why."""

    def __init__(self, *args: Any, people: QuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["people"] = forms.ModelMultipleChoiceField(
            people,
            to_field_name="username",
            label=_("Named people"),
            widget=forms.CheckboxSelectMultiple,
            required=False,
            help_text=_(
                "Ticked are those who work on it; the tasks of whoever you leave out wait for "
                "somebody else. You are named in any case. Do not name anybody whom this is about."
            ),
        )
        self.fields["reason"] = _reason(_("Why"))


class PersonForm(forms.Form):
    """One person, and why."""

    def __init__(self, *args: Any, people: QuerySet, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["person"] = forms.ModelChoiceField(
            people, to_field_name="username", label=_("Person")
        )
        self.fields["reason"] = _reason(_("Why"))


class ReasonForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["reason"] = _reason(_("Why"))


def held_tasks(incident: Incident) -> list[int]:
    """The open tasks that somebody has."""
    open_tasks = incident.tasks.exclude(state__in=SETTLED_TASK_STATES)
    return list(open_tasks.filter(assignee__isnull=False).values_list("pk", flat=True))


def tell_of_tasks(request, held: list[int]) -> None:
    """Say which of these nobody has any more, because whoever had them is not named."""
    free = Task.objects.filter(pk__in=held, assignee=None).order_by("pk")
    if codes := [task.code or task.title for task in free]:
        words = ngettext(
            "This task had somebody who is not named, and waits for somebody else: %(codes)s.",
            "These tasks had people who are not named, and wait for somebody else: %(codes)s.",
            len(codes),
        )
        messages.warning(request, words % {"codes": ", ".join(codes)})


class RestrictPage(ActPage):
    title = verb = _("Restrict to named people")
    intro = _(
        "Nobody else will know that it exists: not in lists, searches, counts or alerts. Every "
        "look at it is written down."
    )
    done = _("Restricted. Only the named people see it now.")
    anchor = "named"

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.RESTRICT, self.incident)

    def form(self, data=None, files=None) -> ListForm:
        return ListForm(data, people=nameable(), initial={"people": self._at_work()})

    def _at_work(self) -> list[str]:
        incident = self.incident
        open_tasks = incident.tasks.exclude(state__in=SETTLED_TASK_STATES)
        busy = get_user_model().objects.filter(pk__in=open_tasks.values("assignee"))
        people = {*busy, incident.owner, incident.manager, self.request.user}
        return [person.username for person in people if person is not None]

    def act(self, form) -> None:
        words = form.cleaned_data
        self.held = held_tasks(self.incident)
        need_to_know.restrict(
            self.incident, words["people"], by=self.request.user, reason=words["reason"]
        )

    def tell(self) -> None:
        super().tell()
        tell_of_tasks(self.request, self.held)


class NamePage(ActPage):
    """Name somebody, or take somebody off the list."""

    TITLES = {"name": _("Name a person"), "unname": _("Take a person off")}  # noqa: RUF012
    anchor = "named"

    def find(self, **keys: Any) -> None:
        super().find(**keys)
        if keys["change"] not in self.TITLES:
            raise Http404
        self.change = keys["change"]
        self.title = self.verb = self.TITLES[self.change]

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.RESTRICT, self.incident)

    def form(self, data=None, files=None) -> PersonForm:
        listed = [person.pk for person in named(self.incident)]
        people = get_user_model().objects.filter(pk__in=listed)
        if self.change == "name":
            people = nameable().exclude(pk__in=listed)
        return PersonForm(data, people=people, initial={"person": self.request.GET.get("person")})

    def act(self, form) -> None:
        words = form.cleaned_data
        acts = {"name": need_to_know.name_person, "unname": need_to_know.unname_person}
        self.held = held_tasks(self.incident)
        acts[self.change](
            self.incident, words["person"], by=self.request.user, reason=words["reason"]
        )

    def tell(self) -> None:
        super().tell()
        tell_of_tasks(self.request, self.held)

    def back(self) -> str:
        """Whoever took themselves off does not see it any more."""
        if self.incident.named_people.filter(person=self.request.user).exists():
            return super().back()
        return reverse("admin:index")


class LiftPage(ActPage):
    title = verb = _("Lift the restriction")
    intro = _("The whole team sees it again, with everything that was written meanwhile.")
    done = _("The restriction is lifted.")
    form_class = ReasonForm

    def is_allowed(self) -> bool:
        return rights.allowed(self.request.user, Right.LIFT_RESTRICTION, self.incident)

    def act(self, form) -> None:
        need_to_know.lift(self.incident, by=self.request.user, reason=form.cleaned_data["reason"])


PANELS.insert(0, Panel("named", _("Who may see it"), "admin/incidents/named_panel.html", panel))
