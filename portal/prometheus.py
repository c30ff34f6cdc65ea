"""/metrics in Prometheus' text format, counted from the database at each scrape.

So it says the same whichever process or node answers, and nothing has to be added up. No label
names a person, a reference or a text.

Open to callers on this machine, as long as no proxy speaks for somebody else; with METRICS_TOKEN
set, to whoever sends it as `Authorization: Bearer`. Anybody else gets a 404.
"""

import secrets
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_q.models import OrmQ
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from incidents.models import Incident, Task
from incidents.states import SETTLED_TASK_STATES, State
from portal import patience
from portal.checks import is_loopback
from workflows.alerts import oldest_waiting
from workflows.models import Alert, Heartbeat

PROXY_HEADERS = ("X-Forwarded-For", "X-Real-Ip", "Forwarded")


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The numbers, for those who may see them."""
    if not may_scrape(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(House())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_scrape(request: HttpRequest) -> bool:
    """True for the holder of the token, or without a token for a caller on this machine."""
    if settings.METRICS_TOKEN:
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        given = request.headers.get("Authorization", "").encode()
        return secrets.compare_digest(given, wanted)
    is_proxied = any(header in request.headers for header in PROXY_HEADERS)
    return not is_proxied and is_loopback(request.META.get("REMOTE_ADDR", ""))


class House(Collector):
    """Counts the house from top to bottom. Nine queries."""

    def collect(self) -> Iterator[Metric]:
        """One family of numbers after the other. Exercises are left out."""
        yield count_incidents()
        yield count_overdue_tasks()
        yield from count_alerts()
        yield count_jobs()
        yield count_mails_given_up()
        yield measure_heartbeats()

    def describe(self) -> list[Metric]:
        """Nothing beforehand: naming the metrics would count everything a second time."""
        return []


def count_incidents() -> Metric:
    """One number for each state, zeros too: a series that vanishes alarms nobody."""
    counted = dict.fromkeys(State.values, 0)
    real = Incident.objects.filter(is_exercise=False).order_by()
    counted |= dict(real.values_list("state").annotate(Count("pk")))
    family = GaugeMetricFamily("tocsin_incidents", "Incidents by state.", labels=["state"])
    for state, number in counted.items():
        family.add_metric([state], number)
    return family


def count_overdue_tasks() -> Metric:
    """Open tasks past their due time."""
    overdue = Task.objects.exclude(state__in=SETTLED_TASK_STATES).filter(
        due_at__lt=timezone.now(), incident__is_exercise=False
    )
    return GaugeMetricFamily("tocsin_tasks_overdue", "Open tasks past due.", overdue.count())


def count_alerts() -> Iterator[Metric]:
    """What waits to go out, what never will, and for how long the first one waits."""
    family = GaugeMetricFamily("tocsin_alerts", "Alerts not sent, by state.", labels=["state"])
    for state in (Alert.State.WAITING, Alert.State.SENDING, Alert.State.FAILED):
        family.add_metric([state], Alert.objects.filter(state=state).count())
    yield family
    oldest = oldest_waiting()
    waits = (timezone.now() - oldest).total_seconds() if oldest else 0
    help_text = "Age of the alert that waits longest to be sent."
    yield GaugeMetricFamily("tocsin_alert_oldest_waiting_seconds", help_text, waits)


def count_jobs() -> Metric:
    """Rows in the job queue."""
    return GaugeMetricFamily("tocsin_jobs_queued", "Jobs queued or running.", OrmQ.objects.count())


def count_mails_given_up() -> Metric:
    """Notices and links that never left; the log says which."""
    help_text = "Mails about accounts given up, until a day passes without one."
    return GaugeMetricFamily("tocsin_mails_given_up", help_text, patience.given_up())


def measure_heartbeats() -> Metric:
    """How long ago the worker of each node gave a sign of life."""
    name, help_text = (
        "tocsin_worker_heartbeat_age_seconds",
        "Since the last tick of a node's worker.",
    )
    family = GaugeMetricFamily(name, help_text, labels=["node"])
    now = timezone.now()
    for node, beat_at in Heartbeat.objects.values_list("name", "beat_at"):
        family.add_metric([node], (now - beat_at).total_seconds())
    return family
