"""The addresses of the machinery. portal/api/urls.py joins them to the API."""

from django.urls import path

from workflows.api import alerts, oncall, playbooks, reports, rules

urlpatterns = [
    path("incidents/", reports.Reports.as_view(), name="api-incidents"),
    path("incidents/<str:reference>/matches/", rules.Matches.as_view()),
    path("incidents/<str:reference>/playbooks/", playbooks.Runs.as_view()),
    path("incidents/<str:reference>/alerts/", alerts.Ledger.as_view()),
    path("tasks/<int:id>/finish/", playbooks.Finish.as_view()),
    path("alerts/<int:id>/acknowledge/", alerts.Acknowledge.as_view()),
    path("rules/", rules.Rules.as_view()),
    path("rules/test/", rules.Trial.as_view()),
    path("playbooks/", playbooks.Playbooks.as_view()),
    path("on-call/", oncall.OnCall.as_view()),
]
