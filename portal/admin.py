"""Administration of accounts, roles and API tokens. An account is switched off, never deleted."""

from http import HTTPStatus
from typing import Any

from allauth.account.signals import password_changed
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaksbr
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from incidents import changes, roles
from incidents.admin.permissions import ReadOnlyAdmin, ReferenceAdmin
from incidents.roles import ROLE_OF, Role
from portal import announcements_admin, articles_admin, reauthentication, watch
from portal.api import tokens
from portal.models import ApiToken, SignInEvent, User
from portal.models.tokens import Scope

__all__ = ["announcements_admin", "articles_admin"]

DAYS = 90


class WatchedAdmin(ReferenceAdmin):
    """Whatever is changed here, the officers are told, those of before the change too."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        self._note_officers(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def log_addition(self, request, obj, message):
        return self._tell(request, super().log_addition(request, obj, message))

    def log_change(self, request, obj, message):
        return self._tell(request, super().log_change(request, obj, message))

    def _note_officers(self, request) -> None:
        if request.method == "POST":
            request.officers = watch.officers()

    def _tell(self, request, entry: LogEntry) -> LogEntry:
        watch.tell_officers(entry, getattr(request, "officers", ()))
        return entry


@admin.register(User)
class UserAdmin(WatchedAdmin, StockUserAdmin):
    """Who can sign in, and by which groups what they may do. Superusers get nothing more here."""

    list_display = ["username", "full_name", "email", "roles", "is_active", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username", "first_name", "last_name", "email"]
    ordering = ["username"]
    filter_horizontal = ()
    help_texts = {
        "first_name": gettext_lazy("As colleagues call the person."),
        "last_name": gettext_lazy("With the first name it stands wherever the person acts."),
        "email": gettext_lazy("Where alerts, notices and links to a new password go."),
        "phone": gettext_lazy("Where colleagues reach the person in an emergency."),
        "language": gettext_lazy("The language of their mails. Empty: that of this site."),
        "time_zone": gettext_lazy("A name such as Europe/Amsterdam. Empty: that of this site."),
    }
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (
            gettext_lazy("Person"),
            {"fields": ["first_name", "last_name", "email", "phone", "language", "time_zone"]},
        ),
        (gettext_lazy("Roles"), {"fields": ["is_active", "groups"]}),
        (gettext_lazy("Dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request, obj=None):
        """Nobody gives themselves a role."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "groups"] if obj is not None and obj == request.user else fields

    def get_fieldsets(self, request, obj=None):
        """A reader has no business with the hash of a password."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [(None, {"fields": ["username"]}), *sets[1:]]

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
            kwargs["queryset"] = Group.objects.filter(name__in=ROLE_OF).order_by("pk")
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None:
            field.help_text = _("A person may hold several roles; none means an ordinary reporter.")
        return field

    def add_view(self, request, form_url="", extra_context=None):
        if self.has_add_permission(request):
            reauthentication.demand_before_secrets(request)
        return super().add_view(request, form_url, extra_context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method == "POST" and self.has_change_permission(request):
            reauthentication.demand(request)
        return super().change_view(request, object_id, form_url, extra_context)

    @method_decorator(sensitive_post_parameters())
    @transaction.atomic
    def user_change_password(self, request, id, form_url=""):
        if self.has_change_permission(request):
            reauthentication.demand_before_secrets(request)
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            person = self.get_object(request, unquote(id))
            password_changed.send(User, request=request, user=person)
        return answer

    def save_related(self, request, form, formsets, change):
        """The audit of roles says who changed them."""
        form.instance.changed_by_request = request
        super().save_related(request, form, formsets, change)

    @admin.display(description=gettext_lazy("Name"), ordering="first_name")
    def full_name(self, user: User) -> str:
        return user.get_full_name()

    @admin.display(description=gettext_lazy("Roles"))
    def roles(self, user: User) -> str:
        held = [ROLE_OF[group.name] for group in user.groups.all() if group.name in ROLE_OF]
        return ", ".join(str(Role(role).label) for role in held)


@admin.register(Group)
class GroupAdmin(ReadOnlyAdmin):
    """The roles as groups. Their names are fixed (incidents/roles.py)."""

    readers = frozenset({Role.ADM, Role.AUD})
    list_display = ["name", "role", "members"]
    fields = ["name", "role", "people"]
    readonly_fields = ["role", "people"]
    ordering = ["pk"]

    def get_queryset(self, request):
        active = Count("user", filter=Q(user__is_active=True))
        return super().get_queryset(request).annotate(active=active)

    @admin.display(description=gettext_lazy("Role"))
    def role(self, group: Group) -> str:
        return str(Role(ROLE_OF[group.name]).label) if group.name in ROLE_OF else _("none")

    @admin.display(description=gettext_lazy("Members"), ordering="active")
    def members(self, group: Group) -> int:
        return group.active  # type: ignore[attr-defined]

    @admin.display(description=gettext_lazy("People"))
    def people(self, group: Group) -> str:
        return ", ".join(str(user) for user in group.user_set.filter(is_active=True))


@admin.register(SignInEvent)
class SignInEventAdmin(ReadOnlyAdmin):
    """Who came in, who failed to, and what was changed on accounts."""

    readers = frozenset({Role.ADM, Role.CISO, Role.AUD})
    list_display = ["at", "kind", "who", "name", "by", "detail", "address"]
    list_filter = ["kind"]
    list_select_related = ["who", "by"]
    search_fields = ["who__username", "name", "address"]
    date_hierarchy = "at"
    fields = ["at", "kind", "who", "name", "by", "detail", "address", "user_agent"]


class TokenForm(forms.Form):
    user = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        help_text=gettext_lazy(
            "Your own, or that of a program: without a role, and nobody ever signed in with it. "
            "The program may do what this user may, within the scopes."
        ),
    )
    name = forms.CharField(
        label=gettext_lazy("Program"), max_length=100, help_text=gettext_lazy("Which one uses it.")
    )
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What the program may do. Give it no more than it needs."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Days"),
        initial=DAYS,
        min_value=1,
        max_value=tokens.DAYS_MOST,
        help_text=gettext_lazy("After so many days it opens nothing any more."),
    )

    def __init__(self, *args, by: User, **kwargs):
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_user(self) -> User:
        """Who may make tokens must not see through the eyes of others with them."""
        user = User.objects.filter(username=self.cleaned_data["user"]).first()
        if user is None:
            raise ValidationError(_("There is no such user."))
        if user != self.by and (roles.of(user) or user.last_login):
            raise ValidationError(_("This is a person's account: they make their own tokens."))
        return user


@admin.register(ApiToken)
class ApiTokenAdmin(WatchedAdmin):
    """Keys of programs: shown once when made, never changed, revoked by one button."""

    list_display = ["name", "user", "hint", "scope_list", "expires_at", "last_used_at", "is_usable"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username", "hint"]
    readonly_fields = [
        "name", "user", "hint", "scope_list", "created_at", "expires_at", "last_used_at",
        "revoked_at",
    ]  # fmt: skip
    fields = tuple(readonly_fields)

    def has_change_permission(self, request, obj=None) -> bool:  # noqa: ARG002
        return False

    def get_urls(self):
        revoke = self.admin_site.admin_view(require_POST(self.revoke_view))
        own = [path("<int:pk>/revoke/", revoke, name="portal_apitoken_revoke")]
        return [*own, *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None):  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            reauthentication.demand(request)
        form = TokenForm(request.POST or None, by=request.user)
        secret = ""
        if request.method == "POST" and form.is_valid():
            secret = self._issue(request, form)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Add an API token"),
            "opts": self.opts,
            "form": form,
            "secret": secret,
            "back": reverse("admin:portal_apitoken_changelist"),
        }
        return TemplateResponse(request, "admin/portal/token.html", context)

    def change_view(self, request, object_id, form_url="", extra_context=None):  # noqa: ARG002
        token = self.get_object(request, object_id)
        may = token is not None and token.revoked_at is None and self.has_add_permission(request)
        url = reverse("admin:portal_apitoken_revoke", args=[token.pk]) if token and may else ""
        return super().change_view(request, object_id, form_url, {"revoke_url": url})

    @transaction.atomic
    def revoke_view(self, request, pk: int):
        if not self.has_add_permission(request):
            raise PermissionDenied
        token = ApiToken.objects.filter(pk=pk).first()
        if token is None:
            raise Http404
        if token.revoked_at is None:
            tokens.revoke(token, request=request)
            revoked = {"revoked_at": (None, token.revoked_at)}
            self.log_change(request, token, changes.message(ApiToken, revoked))
            messages.success(request, _("%s is revoked.") % token)
        return redirect("admin:portal_apitoken_changelist")

    @transaction.atomic
    def _issue(self, request, form: TokenForm) -> str:
        words: dict[str, Any] = form.cleaned_data
        try:
            token, secret = tokens.issue(
                words["user"], words["name"], words["scopes"], words["days"], request=request
            )
        except ValidationError as problem:
            form.add_error(None, problem.messages)
            return ""
        made = {name: (None, getattr(token, name)) for name in ("user", "scopes", "expires_at")}
        self.log_addition(request, token, changes.message(ApiToken, made, is_new=True))
        return secret

    @admin.display(description=gettext_lazy("Scopes"))
    def scope_list(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.display(description=gettext_lazy("Usable"), boolean=True)
    def is_usable(self, token: ApiToken) -> bool:
        return token.is_usable


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What administrators changed, for those who watch them. The database keeps every entry."""

    readers = frozenset({Role.AUD, Role.CISO, Role.DPO})
    list_display = ["action_time", "user", "content_type", "object_repr", "what"]
    list_filter = ["action_flag"]
    list_select_related = ["user", "content_type"]
    search_fields = ["user__username", "object_repr"]
    fields = ("action_time", "user", "content_type", "object_repr", "what")
    readonly_fields = ["what"]

    def get_queryset(self, request):
        """Settings, and who exported a list. Acts on incidents stand in their own timelines."""
        pages = self.admin_site._registry.items()
        models = [model for model, page in pages if isinstance(page, ReferenceAdmin)]
        kinds = ContentType.objects.get_for_models(*models).values()
        wanted = Q(content_type__in=kinds) | Q(content_type=None)
        return super().get_queryset(request).filter(wanted)

    @admin.display(description=gettext_lazy("What"))
    def what(self, entry: LogEntry) -> str:
        """What was done, and each value that it changed on a line of its own."""
        return linebreaksbr(changes.told(entry), autoescape=True)
