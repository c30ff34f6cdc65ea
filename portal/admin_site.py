"""The agent console: the Django admin with our own sign-in, roles and start page."""

from functools import update_wrapper

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from incidents import access, roles
from portal import live_counts, rail, second_factor, what_now

OWN_PACKAGES = {"portal", "incidents", "workflows"}

# Accounts are allauth's business; the shortcut to "view on site" would tell which rows exist.
NOT_OURS = {"logout", "password_change", "password_change_done", "view_on_site"}


class ConsoleSite(admin.AdminSite):
    """Lets in whoever holds a role; what a page shows and allows is asked of incidents.rights."""

    site_title = _("Tocsin")
    site_header = _("Tocsin")
    index_title = _("What now")
    empty_value_display = "–"

    def __init__(self, name: str = "admin"):
        super().__init__(name)
        self.disable_action("delete_selected")  # nothing is ever deleted here

    def register(self, model_or_iterable, admin_class=None, **options):
        """Take our own pages only: those of other packages let a superuser pass, and delete."""
        package = admin_class.__module__.partition(".")[0] if admin_class else ""
        if package in OWN_PACKAGES:
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request) -> bool:
        """A superuser without a role comes in while break-glass opens something to them."""
        return bool(roles.of(request.user)) or access.opened_by(request.user).exists()

    def admin_view(self, view, cacheable=False):
        """Strangers sign in first; people without a role are told that this is not theirs."""
        guarded = super().admin_view(view, cacheable)

        def inner(request, *args, **kwargs):
            if second_factor.is_missing(request):
                return redirect("mfa_index")
            if self.has_permission(request):
                return guarded(request, *args, **kwargs)
            if request.user.is_authenticated:
                raise PermissionDenied(_("The console is for the response team."))
            return redirect_to_login(request.get_full_path(), reverse("account_login"))

        return update_wrapper(inner, view)

    def get_urls(self):
        pages = [url for url in super().get_urls() if getattr(url, "name", "") not in NOT_OURS]
        return [path("now/", self.admin_view(live_counts.answer), name="now"), *pages]

    def login(self, request, extra_context=None):  # noqa: ARG002
        """Sign in where everybody does, and come back."""
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure()):
            target = reverse("admin:index", current_app=self.name)
        if self.has_permission(request) or second_factor.is_missing(request):
            return HttpResponseRedirect(target)
        if request.user.is_authenticated:
            raise PermissionDenied(_("The console is for the response team."))
        return redirect_to_login(target, resolve_url("account_login"))

    def each_context(self, request):
        context = super().each_context(request)
        if self.has_permission(request):
            context["views"] = rail.views_for(request)
        return context

    def index(self, request, extra_context=None):
        page = {"now": what_now.page_for(request.user)} | (extra_context or {})
        return super().index(request, page)

    def app_index(self, request, app_label, extra_context=None):
        """The queue is the better answer to what is in the package of incidents."""
        if app_label == "incidents" and rail.has_queue(request.user):
            return redirect("admin:incidents_incident_changelist")
        return super().app_index(request, app_label, extra_context)
