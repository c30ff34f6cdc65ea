"""Announcements in the console: put up, changed, ended by a time, never deleted."""

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy

from incidents.admin.permissions import ReferenceAdmin
from portal.articles_admin import WRITERS, Lines
from portal.models import Announcement


class Moment(forms.DateTimeField):
    """Day and time in one box of the browser's own: stock admin gives two, without names."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


class AnnouncementForm(forms.ModelForm):
    text = Lines(
        label=gettext_lazy("Text"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "Everybody can read it, also without signing in. Name no ticket and no person, and "
            "nothing of an incident that not everybody may know. Line breaks are kept."
        ),
    )
    starts_at = Moment(
        label=gettext_lazy("Shown from"),
        initial=timezone.now,
        help_text=gettext_lazy("Later than now: it waits until then."),
    )
    ends_at = Moment(
        label=gettext_lazy("Shown until"),
        required=False,
        help_text=gettext_lazy(
            "Empty: it stays until somebody fills this in. The present time: it ends at once."
        ),
    )

    class Meta:
        model = Announcement
        fields = ["title", "text", "starts_at", "ends_at"]
        help_texts = {"title": gettext_lazy("What is going on, in one line. It is read first.")}


@admin.register(Announcement)
class AnnouncementAdmin(ReferenceAdmin):
    writers = WRITERS
    form = AnnouncementForm
    list_display = ["title", "starts_at", "ends_at", "is_shown"]
    search_fields = ["title", "text"]

    @admin.display(description=gettext_lazy("Shown now"), boolean=True)
    def is_shown(self, announcement: Announcement) -> bool:
        now = timezone.now()
        ends_at = announcement.ends_at
        return announcement.starts_at <= now and (ends_at is None or ends_at > now)
