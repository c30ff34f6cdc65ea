"""The page behind an alert's link: looking shows it, only its recipient's POST acknowledges."""

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from incidents import access
from portal import second_factor
from workflows import alerts, messages
from workflows.models import Alert


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Mail programs and link checkers follow links, so a GET never acknowledges."""
    alert = alert_behind(token)
    if not request.user.is_authenticated:
        return ask_to_sign_in(request, alert)
    if alert.recipient_id != request.user.pk:
        raise Http404
    if second_factor.is_missing(request):
        return redirect("mfa_index")
    if request.method == "POST":
        alerts.acknowledge(alert, by=request.user)
        return redirect(request.path)
    return render(request, "portal/acknowledge.html", facts_of(alert))


def alert_behind(token: str) -> Alert:
    """The alert that was signed, or the 404 of any unknown address."""
    try:
        return alerts.unsign(token)
    except Alert.DoesNotExist:
        raise Http404 from None


def ask_to_sign_in(request: HttpRequest, alert: Alert) -> HttpResponse:
    """A stranger with the link learns the number that the mail named, and no more."""
    if request.method == "POST":
        return redirect_to_login(request.path)
    facts = {
        "reference": "" if messages.is_quiet(alert.incident) else alert.incident.reference,
        "sign_in": f"{resolve_url(settings.LOGIN_URL)}?next={request.path}",
    }
    return render(request, "portal/acknowledge.html", facts)


def facts_of(alert: Alert) -> dict[str, object]:
    """What the mail said, and the way on; less when the incident was restricted since."""
    incident, reader = alert.incident, alert.recipient
    facts = {"alert": alert, **messages.neutral_facts(alert)}
    may_see = access.may_see(reader, incident)
    if messages.is_quiet(incident) and not may_see:
        facts |= {"reference": "", "category": ""}
    if may_see:
        facts["incident_url"] = reverse("admin:incidents_incident_change", args=[incident.pk])
    return facts
