"""The history of settings says who changed what from what to what, and never a secret."""

import json

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core import mail
from django.utils import timezone, translation

from incidents import changes
from incidents.models import Macro, Tenant, Workspace
from portal.models import ApiToken, Article
from tests.console import Console, words_of
from tests.factories import make_article, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(admin):
    return Console(admin)


def last() -> LogEntry:
    return LogEntry.objects.latest("pk")


def history(console: Console, row) -> str:
    name = f"{row._meta.app_label}/{row._meta.model_name}"
    return words_of(console.get(f"{name}/{row.pk}/history/"))


def test_a_changed_text_and_number_stand_with_both_values(administrator):
    tenant = Tenant.objects.create(name="Hospital Oost", contact="old@oost.test")
    page = f"incidents/tenant/{tenant.pk}/change/"

    administrator.post(page, name="Hospital Oost", contact="new@oost.test", contract_hours="12")

    seen = history(administrator, tenant)
    assert "Changed Privacy contact and Notice within (hours)." in seen
    assert "Privacy contact: from “old@oost.test” to “new@oost.test”" in seen
    assert "Notice within (hours): from 24 to 12" in seen
    assert "admin" in seen


def test_the_note_is_plain_data_that_django_reads(administrator):
    tenant = Tenant.objects.create(name="Hospital Oost")
    page = f"incidents/tenant/{tenant.pk}/change/"

    with translation.override("nl"):
        administrator.post(page, name="Hospital Oost", contact="a@b.test", contract_hours="24")

    (part,) = json.loads(last().change_message)
    assert part["changed"] == {"fields": ["Privacy contact"]}
    assert part["values"] == [{"field": "contact", "old": "", "new": "a@b.test"}]
    assert last().get_change_message() == "Changed Privacy contact."


def test_another_row_and_people_are_told_by_name(administrator, reporter, outsider):
    here, there = (Tenant.objects.create(name=name) for name in ("Here", "There"))
    place = Workspace.objects.create(name="Place", tenant=here, accountable=reporter)
    place.members.add(reporter)
    words = {"name": "Place", "tenant": there.pk, "members": "reporter\noutsider"}

    administrator.post(f"incidents/workspace/{place.pk}/change/", **words)

    assert changes.lines(last()) == [
        "Tenant: from “Here” to “There”",
        "Accountable: from “reporter” to empty",
        "Members: from reporter to outsider, reporter",
    ]


def test_what_a_new_row_began_with_is_told(administrator):
    administrator.post("incidents/tenant/add/", name="Oost", contact="", contract_hours="24")

    assert changes.lines(last()) == ["Name: “Oost”", "Notice within (hours): 24"]
    assert last().get_change_message() == "Added."


def test_roles_of_a_person_are_told_before_and_after(administrator, outsider, ciso):
    groups = [Group.objects.get_or_create(name=name)[0].pk for name in ("agent", "handler")]
    outsider.groups.add(groups[0])
    words = {"username": "outsider", "email": outsider.email, "is_active": "on", "groups": groups}

    administrator.post(f"portal/user/{outsider.pk}/change/", **words)

    assert "Groups: from agent to agent, handler" in history(administrator, outsider)
    assert "Groups: from agent to agent, handler" in mail.outbox[0].body
    assert "Groups: from agent to agent, handler" in words_of(Console(ciso).get("admin/logentry/"))


def test_a_password_is_named_and_never_shown(administrator, outsider, ciso):
    secret = "long-enough-77"  # noqa: S105
    words = {"password1": secret, "password2": secret, "usable_password": "true"}

    administrator.post(f"portal/user/{outsider.pk}/password/", **words)
    administrator.post("portal/user/add/", username="fresh", **words)

    for entry in LogEntry.objects.all():
        assert secret not in entry.change_message
        assert "md5" not in entry.change_message
    assert "Changed password." in history(administrator, outsider)
    assert changes.lines(last()) == ["Username: “fresh”"]
    assert all(secret not in message.body for message in mail.outbox)


def test_a_token_is_told_without_its_secret_and_so_is_its_end(administrator):
    make_user("sensor")
    words = {"name": "sensor", "scopes": ["incidents:read"], "days": "30", "user": "sensor"}

    page = administrator.post("portal/apitoken/add/", **words)
    token = ApiToken.objects.get()
    made = last()
    administrator.post(f"portal/apitoken/{token.pk}/revoke/")

    assert "User: “sensor”" in changes.lines(made)
    assert "Scopes: incidents:read" in changes.lines(made)
    assert "Revoked: from empty to " in changes.told(last())
    secret = page.content.decode().split('class="secret">')[1].split("<")[0]
    assert all(secret not in entry.change_message for entry in LogEntry.objects.all())
    assert token.digest not in made.change_message


def test_a_long_text_is_cut_around_the_place_that_changed(ciso):
    article = make_article("lost-badge", body=f"{'a' * 1000}old{'b' * 1000}")
    words = {
        "title": article.title,
        "body": f"{'a' * 1000}new{'b' * 1000}",
        "about": article.about,
        "position": article.position,
        "is_published": "on",
    }

    Console(ciso).post(f"portal/article/{article.pk}/change/", **words)

    (line,) = changes.lines(last())
    assert "…aaaa" in line
    assert "aaold" in line
    assert "aanew" in line
    assert "(of 2003 characters)" in line
    assert len(last().change_message) < 1000
    assert Article.objects.get().body == words["body"]


def test_a_long_list_begins_with_what_changed(administrator):
    names = [f"person{number:03}" for number in range(30)]
    place = Workspace.objects.create(name="Place", tenant=Tenant.objects.create(name="Here"))
    place.members.set([make_user(name) for name in [*names, "zoe"]])
    words = {"name": "Place", "tenant": place.tenant_id, "members": "\n".join(names)}

    administrator.post(f"incidents/workspace/{place.pk}/change/", **words)

    (line,) = changes.lines(last())
    assert "from zoe, person000" in line
    assert "person019 and 10 more" in line


def test_a_choice_is_told_in_the_language_of_the_reader(manager):
    macro = Macro.objects.create(name="Thanks", audience="internal", language="en", text="Hi")
    words = {"name": "Thanks", "audience": "reporter", "language": "en", "text": "Hi"}

    Console(manager).post(f"incidents/macro/{macro.pk}/change/", **words)

    assert changes.lines(last()) == [
        "Audience: from Internal note to Reply to the reporter",
        "In use: from yes to no",
    ]


def test_notes_of_other_kinds_are_read_as_they_are(administrator, admin):
    tenant = Tenant.objects.create(name="Here")
    for words in ("Plain words.", "[broken", '["strange"]', "", "7"):
        entry = LogEntry(user=admin, action_flag=2, change_message=words)
        assert changes.lines(entry) == []
    old = LogEntry(user=admin, action_flag=2, change_message='[{"changed": {"fields": ["Name"]}}]')

    assert changes.told(old) == "Changed Name."
    assert "Nothing was changed here" in history(administrator, tenant)


def test_a_value_is_text_and_no_markup(administrator, ciso):
    words = "<script>alert(1)</script>"

    administrator.post("incidents/tenant/add/", name=words, contract_hours="24")

    for console, page in (
        (Console(ciso), "admin/logentry/"),
        (Console(ciso), f"admin/logentry/{last().pk}/change/"),
        (administrator, f"incidents/tenant/{Tenant.objects.get().pk}/history/"),
    ):
        assert words not in console.get(page).content.decode()


def test_neither_an_agent_nor_a_reporter_reads_the_history(agent, reporter, auditor):
    tenant = Tenant.objects.create(name="Here")
    page = f"incidents/tenant/{tenant.pk}/history/"

    assert Console(auditor).get(page).status_code == 200
    assert Console(agent).get(page).status_code == 403
    assert Console(reporter).get(page).status_code == 403
    assert Console().get(page).status_code == 302


def test_the_history_asks_as_often_for_one_entry_as_for_many(
    administrator, django_assert_max_num_queries, django_assert_num_queries, admin
):
    tenant = Tenant.objects.create(name="Here")
    page = f"incidents/tenant/{tenant.pk}/history/"
    values = changes.message(Tenant, {"name": ("a", timezone.now().isoformat())})
    for number in range(12):
        LogEntry.objects.log_actions(admin.pk, [tenant], 2, values, single_object=True)
        if number == 0:
            administrator.get(page)
            with django_assert_max_num_queries(30) as few:
                administrator.get(page)

    with django_assert_num_queries(len(few)):
        administrator.get(page)
