from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.utils import timezone

from incidents.models import Department, Tenant, Workspace
from incidents.states import Confidentiality, State
from portal.models import ApiToken, User
from tests.console import Console, words_of
from tests.factories import fresh, make_department, make_incident, make_task, make_user
from workflows import heartbeat

OWN = {"portal", "incidents", "workflows"}


@pytest.fixture
def agent(db):
    return Console(make_user("agent", "agent"))


@pytest.fixture
def administrator(db):
    return Console(make_user("admin", "admin"))


@pytest.fixture
def auditor(db):
    return Console(make_user("auditor", "auditor"))


@pytest.fixture
def reporter(db):
    return Console(make_user("reporter"))


@pytest.fixture
def superuser(db):
    return Console(make_user("root", is_superuser=True, is_staff=True))


# --- The door -----------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", "incidents/incident/", "portal/user/", "nowhere/", "jsi18n/"])
def test_a_stranger_signs_in_first_and_a_reporter_gets_nowhere(reporter, path):
    stranger = Console().get(path)

    assert stranger.status_code == 302
    assert stranger["Location"].startswith("/accounts/login/?next=/admin/")
    assert reporter.get(path).status_code == 403
    assert reporter.post(path).status_code == 403


def test_a_superuser_without_a_role_gets_nowhere_either(superuser):
    assert superuser.get().status_code == 403


def test_somebody_switched_off_is_out_at_once(agent):
    assert agent.get().status_code == 200

    User.objects.filter(pk=agent.user.pk).update(is_active=False)

    assert agent.get().status_code == 302


def test_the_sign_in_page_is_everybodys_and_leads_back(agent, db):
    stranger = Console().get("login/", next="/admin/incidents/task/")
    evil = agent.get("login/", next="https://evil.example/")

    assert stranger["Location"] == "/accounts/login/?next=/admin/incidents/task/"
    assert evil["Location"] == "/admin/"


def test_only_our_own_pages_are_in_the_console():
    packages = {type(page).__module__.partition(".")[0] for page in admin.site._registry.values()}

    assert packages == OWN


# --- What now -----------------------------------------------------------------------------------


def test_the_first_page_counts_what_one_may_see_and_every_count_is_a_link(agent):
    make_incident(State.TRIAGE, owner=agent.user, waiting_on="reporter")
    make_incident(owner=None)
    make_incident(owner=None, confidentiality=Confidentiality.RESTRICTED)
    late = make_task(
        make_incident(), assignee=agent.user, due_at=timezone.now() - timedelta(hours=1)
    )

    page = agent.get()

    tiles = {str(tile.label): tile for tile in page.context["now"]["tiles"]}
    assert tiles["Mine"].count == 1
    assert tiles["Unassigned"].count == 2
    assert tiles["Waiting for reporter"].count == 1
    assert tiles["Overdue tasks"].count == 1
    assert late.title in words_of(page)
    for tile in tiles.values():
        listed = agent.client.get(tile.url).context["cl"].result_count
        assert listed == tile.count, tile.label


def test_the_health_of_the_alarm_path_is_in_sight(agent):
    silent = words_of(agent.get())
    heartbeat.beat("node", "token")

    assert "Worker never seen" in silent
    assert "Worker never seen" not in words_of(agent.get())


def test_the_administrator_has_settings_and_no_ticket(administrator):
    incident = make_incident(subject="Not for administrators")

    page = words_of(administrator.get())

    assert "Users" in page
    assert "Queue" not in page
    assert administrator.get("incidents/incident/").status_code == 403
    assert administrator.get("incidents/task/").status_code == 403
    assert administrator.get("workflows/alert/").status_code == 403
    assert administrator.get(f"incidents/incident/{incident.pk}/change/").status_code == 404


# --- Nothing is deleted -------------------------------------------------------------------------


def test_no_page_deletes_anything(administrator, agent, superuser):
    for model, page in admin.site._registry.items():
        base = f"{model._meta.app_label}/{model._meta.model_name}"
        for console in (administrator, agent, superuser):
            for sent in (console.get, console.post):
                assert sent(f"{base}/1/delete/").status_code in {403, 404}, base
        assert page.has_delete_permission(None) is False
    assert "delete_selected" not in dict(admin.site.actions)


# --- Accounts and settings ----------------------------------------------------------------------


def test_the_administrator_makes_an_account_and_gives_it_a_role(administrator):
    group = Group.objects.get_or_create(name="handler")[0]
    words = {"username": "ann", "password1": "long-enough-77", "password2": "long-enough-77"}

    administrator.post("portal/user/add/", **words, usable_password="true")
    ann = User.objects.get(username="ann")
    administrator.post(
        f"portal/user/{ann.pk}/change/",
        username="ann",
        first_name="Ann",
        is_active="on",
        groups=[group.pk],
        is_superuser="on",
        is_staff="on",
    )

    ann = fresh(ann)
    assert list(ann.groups.all()) == [group]
    assert not ann.is_superuser
    assert not ann.is_staff
    assert LogEntry.objects.filter(object_id=str(ann.pk)).count() == 2


def test_others_manage_no_account(agent, auditor):
    target = make_user("target", "handler")

    assert agent.get("portal/user/").status_code == 403
    assert agent.post(f"portal/user/{target.pk}/change/", username="x").status_code == 403
    page = auditor.get(f"portal/user/{target.pk}/change/")
    assert page.status_code == 200
    assert "algorithm" not in words_of(page)
    assert "md5" not in page.content.decode()
    assert auditor.post(f"portal/user/{target.pk}/change/", username="x").status_code == 403
    assert auditor.post(f"portal/user/{target.pk}/password/", password1="x").status_code == 403


def test_roles_are_read_and_never_renamed(administrator):
    group = Group.objects.get(name="admin")

    page = administrator.get(f"auth/group/{group.pk}/change/")
    sent = administrator.post(f"auth/group/{group.pk}/change/", name="handler")

    assert "Application administration" in words_of(page)
    assert sent.status_code == 403
    assert fresh(group).name == "admin"


def test_a_token_is_shown_once_and_kept_as_a_hash(administrator, agent):
    make_user("sensor")
    words = {"user": "sensor", "name": "sensor", "scopes": ["incidents:write"], "days": "30"}

    page = administrator.post("portal/apitoken/add/", **words)

    token = ApiToken.objects.get()
    secret = page.context["secret"]
    assert secret.startswith(token.hint)
    assert secret in page.content.decode()
    assert secret not in administrator.get("portal/apitoken/").content.decode()
    assert secret not in administrator.get(f"portal/apitoken/{token.pk}/change/").content.decode()
    assert token.digest not in page.content.decode()
    assert agent.post("portal/apitoken/add/", **words).status_code == 403


def test_a_token_is_revoked_and_never_edited(administrator, agent, auditor):
    make_user("sensor")
    words = {"user": "sensor", "name": "sensor", "scopes": ["incidents:write"], "days": "30"}
    administrator.post("portal/apitoken/add/", **words)
    token = ApiToken.objects.get()

    assert agent.post(f"portal/apitoken/{token.pk}/revoke/").status_code == 403
    assert auditor.post(f"portal/apitoken/{token.pk}/revoke/").status_code == 403
    assert administrator.get(f"portal/apitoken/{token.pk}/revoke/").status_code == 405
    administrator.post(f"portal/apitoken/{token.pk}/change/", name="other", scopes="[]")
    administrator.post(f"portal/apitoken/{token.pk}/revoke/")

    token = fresh(token)
    assert token.name == "sensor"
    assert not token.is_usable


@pytest.mark.parametrize(
    "words",
    [
        {"user": "nobody"},
        {"user": "\x00"},
        {"scopes": ["root"]},
        {"scopes": []},
        {"days": "0"},
        {"days": "x"},
        {"name": ""},
        {"name": "x" * 500},
    ],
)
def test_a_senseless_token_is_not_made(administrator, words):
    make_user("sensor")
    whole = {"user": "sensor", "name": "sensor", "scopes": ["incidents:write"], "days": "30"}

    answer = administrator.post("portal/apitoken/add/", **{**whole, **words})

    assert answer.status_code == 200
    assert not ApiToken.objects.exists()


def test_settings_are_changed_by_the_administrator_and_read_by_the_auditor(
    administrator, agent, auditor
):
    department = make_department()
    path = f"incidents/department/{department.pk}/change/"

    administrator.post(path, name="Security desk", is_active="on", code="other")
    refused = auditor.post(path, name="Mine")

    assert (fresh(department).name, fresh(department).code) == ("Security desk", "security")
    assert auditor.get(path).status_code == 200
    assert refused.status_code == 403
    assert agent.get(path).status_code == 403
    assert "Changed Name" in words_of(auditor.get(path.replace("change", "history")))


def test_the_members_of_a_workspace_are_user_names(administrator, reporter):
    administrator.post("incidents/tenant/add/", name="Hospital Oost", contract_hours="24")
    tenant = str(Tenant.objects.get().pk)
    path = "incidents/workspace/add/"

    refused = administrator.post(path, name="ws-a", tenant=tenant, members="nobody-here")
    administrator.post(path, name="ws-a", tenant=tenant, members="reporter\n")

    assert "nobody-here" in words_of(refused)
    assert list(Workspace.objects.get().members.all()) == [reporter.user]


def test_a_department_is_added_once(administrator):
    words = {"name": "Security", "code": "security", "is_active": "on"}

    administrator.post("incidents/department/add/", **words)
    again = administrator.post("incidents/department/add/", **words)

    assert again.status_code == 200
    assert Department.objects.count() == 1
