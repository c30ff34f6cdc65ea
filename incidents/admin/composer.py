"""The one composer: an internal note, a reply to the reporter, an update for the workspaces."""

from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from incidents import access, conversation, evidence, macros, mentions, rights
from incidents.admin import names, sharing
from incidents.admin.acts import incident_for
from incidents.admin.forms import Lines
from incidents.admin.record import RightPage
from incidents.models import Incident, Macro
from incidents.plain_text import TEXT_MOST
from incidents.rights import Right

INTERNAL, PUBLIC, WORKSPACES = "internal", "public", "workspaces"
AUDIENCE_OF = {
    Macro.Audience.INTERNAL: INTERNAL,
    Macro.Audience.REPORTER: PUBLIC,
    Macro.Audience.WORKSPACES: WORKSPACES,
}


class WriteForm(forms.Form):
    audience = forms.ChoiceField(
        label=gettext_lazy("For whom"),
        choices=[
            (INTERNAL, gettext_lazy("Internal note")),
            (PUBLIC, gettext_lazy("Reply to the reporter")),
            (WORKSPACES, gettext_lazy("Update for the workspaces")),
        ],
        widget=forms.RadioSelect,
    )
    text = Lines(6, label=gettext_lazy("Text"), max_length=TEXT_MOST)
    asks = forms.BooleanField(
        label=gettext_lazy("This is a question: we wait for the reporter's answer"), required=False
    )
    file = forms.FileField(
        label=gettext_lazy("File"), max_length=255, allow_empty_file=True, required=False
    )
    macro = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    sets = forms.BooleanField(label=gettext_lazy("Set this along with it"), required=False)

    def clean(self):
        words = super().clean() or {}
        if words.get("file") and words.get("audience") != INTERNAL:
            message = _("A file goes with an internal note only: it is evidence.")
            raise ValidationError({"file": message})
        return words


@dataclass(frozen=True, slots=True)
class Offered:
    """A macro as the menu offers it: its words as they would be sent, and what it sets."""

    row: Macro
    text: str
    changes: list[str]

    @property
    def audience(self) -> str:
        return AUDIENCE_OF[Macro.Audience(self.row.audience)]

    @property
    def key(self) -> str:
        """Names it, and what it was shown to set."""
        return f"{self.row.pk}:{macros.digest(self.row)}"


@dataclass
class Composer:
    """What the template of the composer needs."""

    incident: Incident
    reporter_name: str
    may_reply: bool
    may_add_file: bool
    shares_with: list[str]
    macros: list[Offered]
    text: str = ""
    audience: str = INTERNAL
    asks: bool = False
    picked: Offered | None = None
    errors: dict[str, Any] = field(default_factory=dict)


def composer(incident: Incident, user, *, pick: str = "") -> Composer:
    """An empty one, or filled by the macro whose key is `pick`."""
    knows = access.may_know_reporter(user, incident)
    shown = [
        Offered(row, macros.words(row, incident, by=user), macros.shown_changes(row))
        for row in macros.offered(incident, user)
    ]
    shares_with = sharing.readers(incident, user)
    made = Composer(
        incident,
        names.reporter(incident, is_known=knows),
        rights.allowed(user, Right.REPLY, incident),
        rights.allowed(user, Right.ADD_EVIDENCE, incident),
        shares_with,
        [each for each in shown if shares_with or each.audience != WORKSPACES],
    )
    made.picked = next((each for each in made.macros if str(each.row.pk) == pick), None)
    if made.picked is not None:
        made.text, made.audience = made.picked.text, made.picked.audience
    return made


class WritePage(RightPage):
    """Sends what was typed; with a macro picked, fills the form instead and sends nothing."""

    right = Right.NOTE
    title = gettext_lazy("Write")
    template_name = "admin/incidents/write.html"
    form_class = WriteForm
    anchor = "h-thread"

    def initial(self) -> dict[str, Any]:
        return {"audience": INTERNAL}

    def post(self, request, **kwargs: Any):
        if "pick" in request.POST:
            return self.page(self.form())
        return super().post(request, **kwargs)

    @evidence.whole()
    def act(self, form) -> None:
        words = form.cleaned_data
        macro = self.macro_of(words["macro"]) if words["sets"] else None
        if words["audience"] == PUBLIC:
            conversation.reply(
                self.incident, words["text"], by=self.request.user, asks=words["asks"]
            )
            self.done = _("Sent to the reporter.")
        elif words["audience"] == WORKSPACES:
            conversation.share(self.incident, words["text"], by=self.request.user)
            self.done = _("Shared with the Accountables of the workspaces.")
        else:
            self.add_note(words["text"], words["file"])
        if macro is not None:
            macros.carry_out(macro, self.incident, by=self.request.user)

    def add_note(self, text: str, file) -> None:
        if file:
            evidence.store(self.incident, file, by=self.request.user)
        entry = conversation.note(self.incident, text, by=self.request.user)
        self.done = _("Note added.")
        if nobody := mentions.unknown(text):
            sentence = _("Nobody is called %s, so nobody was told by it.")
            messages.warning(self.request, sentence % ", ".join(nobody))
        if kept_out := entry.data.get("kept_out"):
            sentence = ngettext(
                "%(names)s was not told: this incident is not theirs to see.",
                "%(names)s were not told: this incident is not theirs to see.",
                len(kept_out),
            )
            messages.warning(self.request, sentence % {"names": ", ".join(kept_out)})

    def macro_of(self, key: str) -> Macro | None:
        """The macro as it was shown. Raises ValidationError when it is another one by now."""
        if not key:
            return None
        pk, _colon, digest = key.partition(":")
        rows = macros.offered(self.incident, self.request.user)
        found = next((row for row in rows if str(row.pk) == pk), None)
        if found is None or macros.digest(found) != digest:
            message = _("This macro was changed meanwhile. Choose it again.")
            raise ValidationError({"macro": message})
        return found

    def more(self, form: forms.Form) -> dict[str, Any]:
        typed = self.request.POST
        pick = typed.get("pick", "") or self.request.GET.get("macro", "")
        made = composer(self.incident, self.request.user, pick=pick)
        if form.is_bound:
            self.keep(made, form)
        elif typed.get("text", "").strip() and made.picked:
            made.text = f"{typed['text'].strip()}\n\n{made.text}"
        return {"composer": made}

    def keep(self, made: Composer, form: forms.Form) -> None:
        """What was typed stays, also beside a refusal."""
        made.text = form["text"].value() or ""
        made.audience = form["audience"].value() or INTERNAL
        made.asks = bool(form["asks"].value())
        made.errors = dict(form.errors)
        key = (form["macro"].value() or "").partition(":")[0]
        made.picked = next((each for each in made.macros if str(each.row.pk) == key), None)


def people(request, pk: int) -> HttpResponse:
    """Whom an @ may call here, for the composer's suggestions."""
    incident = incident_for(request.user, pk)
    if not rights.allowed(request.user, Right.NOTE, incident):
        return JsonResponse({"people": []})
    found = mentions.suggested(incident, request.GET.get("q", ""))
    shown = [{"name": str(each), "username": each.get_username()} for each in found]
    return JsonResponse({"people": shown})
