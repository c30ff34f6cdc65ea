"""The whole URL map on one screen. DESIGN.md 6 says which are stable."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from portal import acknowledge, health, help_pages, outbox, prometheus, signin
from portal.selfservice import files, report, start, tickets

urlpatterns = [
    path("", start.page, name="start"),
    path("report/", report.page, name="report"),
    path("report/done/<str:reference>/", report.done, name="report_done"),
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/<str:reference>/", tickets.page, name="ticket"),
    path("tickets/<str:reference>/files/<uuid:key>/", files.download, name="ticket_file"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:name>/", help_pages.page, name="help_page"),
    path("language/", set_language, name="set_language"),
    path("accounts/email/", signin.not_here),
    path("accounts/password/set/", signin.not_here),
    path("accounts/3rdparty/", signin.not_here),
    path("accounts/3rdparty/signup/", signin.not_here),
    path("accounts/sessions/<int:pk>/end/", signin.end_session, name="end_session"),
    path("accounts/", include("allauth.urls")),
    path("a/<str:token>/", acknowledge.page, name="acknowledge"),
    path("admin/outbox/", include(outbox.urls)),
    path("admin/", admin.site.urls),
    path("api/v1/", include("portal.api.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", prometheus.metrics, name="metrics"),
]
handler400 = "portal.errors.bad_request"
handler403 = "portal.errors.permission_denied"
handler404 = "portal.errors.page_not_found"
handler500 = "portal.errors.server_error"
