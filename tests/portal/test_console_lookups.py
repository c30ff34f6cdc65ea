"""A list of the console is filtered by its own filters, and by nothing else in the address."""

from urllib.parse import parse_qsl

import pytest

from tests.console import Console, words_of
from tests.factories import make_incident, make_report, make_user
from workflows.models import Alert

INCIDENTS = "incidents/incident/"
TASKS = "incidents/task/"
ALERTS = "workflows/alert/"
USERS = "portal/user/"
HUGE = "9" * 40

STRANGE = [
    (INCIDENTS, "reporter=1"),
    (INCIDENTS, "reporter__username=reporter"),
    (INCIDENTS, "contact_email__startswith=r"),
    (INCIDENTS, "safe_channel__startswith="),
    (INCIDENTS, "description__iregex=((a*)*)*$"),
    (INCIDENTS, "subject__regex=("),
    (INCIDENTS, "tags__contains=a"),
    (INCIDENTS, "priority__gte=1"),
    (INCIDENTS, "nothing=1"),
    (TASKS, "title__regex=("),
    (TASKS, "after__contains=a"),
    (TASKS, "due_at__year=99999"),
    (TASKS, "incident__contact_email__startswith=r"),
    (ALERTS, "incident=1&kind=receipt&recipient=1"),
    (ALERTS, "address__startswith=r"),
    (ALERTS, "address__regex=("),
    (USERS, "email__regex=("),
    (USERS, "password__startswith=p"),
    ("portal/apitoken/", "digest__startswith=a"),
    ("incidents/category/", "label__regex=("),
    ("incidents/department/", "code__regex=("),
    ("incidents/workspace/", "members__email__startswith=r"),
    ("workflows/playbookversion/", "title__regex=("),
    ("workflows/ruleversion/", "text__regex=("),
]
OWN = [
    (INCIDENTS, "state=all&owner=me&priority__exact=1&severity__exact=2&waiting_on=reporter"),
    (INCIDENTS, "breach=confirmed&tasks=overdue&reported_via__exact=portal&is_exercise__exact=0"),
    (INCIDENTS, "department__id__exact=1&q=door&o=1&p=1"),
    (
        INCIDENTS,
        "reported_at__gte=2026-01-01+00:00:00%2B01:00&reported_at__lt=2026-01-02+00:00:00%2B01:00",
    ),
    (TASKS, "state=all&who=me&due=today&phase__exact=assess&role__exact=IH&is_mandatory__exact=1"),
    (ALERTS, "acknowledged=no&to=me&state__exact=sent&kind__exact=alert&channel__exact=mail"),
    (USERS, "is_active__exact=1&groups__id__exact=1"),
    ("incidents/category/", "is_active__exact=1&class_label=Fraud"),
    ("workflows/ruleversion/", "is_active__exact=1&code=R1"),
]
MALFORMED = [
    (INCIDENTS, f"department__id__exact={HUGE}"),
    (INCIDENTS, "department__id__exact=x"),
    (INCIDENTS, f"priority__exact={HUGE}"),
    (INCIDENTS, "priority__exact=x"),
    (INCIDENTS, "priority__isnull=x"),
    (INCIDENTS, "reported_at__gte=x"),
    (INCIDENTS, "reported_at__gte=99999-01-01"),
    (INCIDENTS, "reported_at__gte=9999-12-31T23:59:59-23:59"),
    (INCIDENTS, "reported_at__lt=0001-01-01T00:00:00%2B23:59"),
    (INCIDENTS, "is_exercise__exact=x"),
    (INCIDENTS, "owner=%00&state=%00&breach=%00&waiting_on=%00"),
    (INCIDENTS, f"p={HUGE}"),
    (INCIDENTS, "p=-1"),
    (INCIDENTS, f"o={HUGE}.-{HUGE}"),
    (INCIDENTS, f"q={HUGE}"),
    (INCIDENTS, "q=" + "a+" * 3000),
    (INCIDENTS, "q=%00"),
    (TASKS, "state=x&who=x&due=x"),
    (TASKS, "q=" + "a+" * 3000),
    (ALERTS, f"priority__exact={HUGE}"),
    (USERS, f"groups__id__exact={HUGE}"),
    (USERS, "q=" + "a+" * 3000),
    ("incidents/workspace/", f"tenant__id__exact={HUGE}"),
    ("workflows/ruleversion/", "code=%00"),
]


@pytest.fixture
def everything(db):
    """One person to whom every list opens; there is something in the queue."""
    make_incident()
    return Console(make_user("both", "handler", "admin", "auditor"))


@pytest.fixture
def auditor(db):
    return Console(make_user("auditor", "auditor"))


@pytest.mark.parametrize(("path", "query"), STRANGE)
def test_a_lookup_of_ones_own_making_shows_the_list_unfiltered(everything, path, query):
    answer = everything.get(path, **dict(parse_qsl(query, keep_blank_values=True)))

    assert (answer.status_code, answer["Location"]) == (302, f"/admin/{path}?e=1")
    assert everything.client.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize(("path", "query"), OWN)
def test_the_filters_of_a_list_work(everything, path, query):
    answer = everything.get(path, **dict(parse_qsl(query)))

    assert answer.status_code == 200
    make_user("outsider")
    assert Console().get(path, **dict(parse_qsl(query))).status_code == 302


@pytest.mark.parametrize(("path", "query"), MALFORMED)
def test_a_value_that_cannot_be_breaks_no_page(everything, path, query):
    answer = everything.client.get(f"/admin/{path}?{query}", follow=True)

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "incidents/incident/{}/change/",
        "incidents/incident/{}/evidence/{}/",
        "incidents/incident/{}/acknowledge/",
        "incidents/task/{}/change/",
        "workflows/alert/{}/change/",
        "workflows/ruleversion/{}/change/",
        "workflows/playbookversion/{}/change/",
        "incidents/department/{}/change/",
        "portal/user/{}/change/",
        "portal/user/{}/history/",
        "portal/apitoken/{}/change/",
        "auth/group/{}/change/",
        "outbox/{}/",
    ],
)
def test_an_address_that_names_no_row_is_no_fault(auditor, path):
    keys = [HUGE, "9" * 19, "0", "-1", "x", "%00", "1'"]

    answers = [auditor.client.get(f"/admin/{path.format(key, key)}", follow=True) for key in keys]

    assert {answer.status_code for answer in answers} <= {200, 404}


def test_no_address_tells_an_agent_who_stays_unnamed(db):
    agent, manager = (Console(make_user(name, name)) for name in ("agent", "manager"))
    reporter = make_user("reporter", first_name="Rina", last_name="Reporter")
    incident = make_report(reporter, answers={"is_name_confidential": True})
    receipt = {"incident": incident.pk, "kind": Alert.Kind.RECEIPT, "recipient": reporter.pk}

    asked = [agent.get(INCIDENTS, reporter=reporter.pk), agent.get(ALERTS, **receipt)]

    assert [answer.status_code for answer in asked] == [302, 302]
    assert "Rina" not in words_of(agent.get(ALERTS))
    assert "Rina" in words_of(manager.get(ALERTS))
