"""The whole URL map on one screen. DESIGN.md 6 says which are stable."""

from allauth.mfa.recovery_codes.views import download_recovery_codes, view_recovery_codes
from django.contrib import admin
from django.urls import include, path

from portal import (
    acknowledge,
    break_glass,
    health,
    help_pages,
    languages,
    outbox,
    prometheus,
    saved_view_pages,
    signin,
)
from portal.selfservice import (
    files,
    interview,
    offers,
    reopening,
    report,
    shared,
    similar,
    start,
    tickets,
)

urlpatterns = [
    path("", start.page, name="start"),
    path("report/", report.page, name="report"),
    path("report/similar/", similar.fragment, name="report_similar"),
    path("report/done/<str:reference>/", report.done, name="report_done"),
    path("report/<str:reference>/check/", interview.check, name="report_check"),
    path("report/<str:reference>/<slug:name>/", interview.page, name="report_question"),
    path("drafts/<uuid:key>/", offers.settle, name="draft"),
    path("tickets/", tickets.index, name="tickets"),
    path("tickets/shared/<str:reference>/", shared.page, name="ticket_shared"),
    path("tickets/<str:reference>/", tickets.page, name="ticket"),
    path("tickets/<str:reference>/reopen/", reopening.page, name="ticket_reopen"),
    path("tickets/<str:reference>/files/<uuid:key>/", files.download, name="ticket_file"),
    path("help/", help_pages.index, name="help"),
    path("help/<slug:name>/", help_pages.page, name="help_page"),
    path("language/", languages.choose, name="set_language"),
    path("accounts/email/", signin.not_here),
    path("accounts/confirm-email/", signin.not_here),
    path("accounts/confirm-email/<str:key>/", signin.not_here),
    path("accounts/password/set/", signin.not_here),
    path("accounts/3rdparty/", signin.not_here),
    path("accounts/3rdparty/signup/", signin.not_here),
    path("accounts/2fa/recovery-codes/", signin.readable_codes(view_recovery_codes)),
    path("accounts/2fa/recovery-codes/download/", signin.readable_codes(download_recovery_codes)),
    path("accounts/sessions/<int:pk>/end/", signin.end_session, name="end_session"),
    path("accounts/", include("allauth.urls")),
    path("a/<str:token>/", acknowledge.page, name="acknowledge"),
    path("admin/break-glass/", break_glass.page, name="break_glass"),
    path("admin/outbox/", include(outbox.urls)),
    path("admin/views/", include(saved_view_pages.urls)),
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
