"""Importing a file at the console: shown first, then done as shown, by who administers only."""

import csv
import time
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile

from incidents import changes, organisation_import
from incidents.admin import imports
from incidents.models import Department, Tenant, VirtualMachine, Workspace
from tests.console import Console, words_of
from tests.factories import fresh, make_user

pytestmark = pytest.mark.django_db

PAGE = "incidents/tenant/import/"
GOOD = "name,contact,contract_hours\nOost,new@oost.test,24\nWest,,12\n"


@pytest.fixture
def oost():
    return Tenant.objects.create(name="Oost", contact="old@oost.test")


@pytest.fixture
def administrator(admin):
    return Console(admin)


def send(console: Console, text: str | bytes, page: str = PAGE):
    data = text.encode() if isinstance(text, str) else text
    return console.post(page, file=SimpleUploadedFile("rows.csv", data))


def signed_in(answer) -> str:
    return answer.context["signed"]


@pytest.mark.parametrize("model", organisation_import.FILES)
def test_each_list_leads_to_its_import_and_to_an_example(administrator, auditor, model):
    page = f"incidents/{model._meta.model_name}/"

    listed = administrator.get(page).content.decode()
    form = words_of(administrator.get(f"{page}import/"))
    example = administrator.get(f"{page}import/template.csv")

    columns, cells = organisation_import.FILES[model]
    assert f'href="/admin/{page}import/"' in listed
    assert all(column in form for column in columns)
    assert set(imports.COLUMNS[model]) == set(columns)
    assert example["Content-Disposition"].startswith("attachment")
    assert list(csv.reader(StringIO(example.content.decode()))) == [[*columns], [*cells]]
    assert "/import/" not in Console(auditor).get(page).content.decode()


def test_first_it_is_shown_and_then_done(administrator, oost):
    shown = send(administrator, GOOD)
    count_then = Tenant.objects.count()
    done = administrator.post(PAGE, signed=signed_in(shown))
    after = administrator.client.get(done.url)

    words = words_of(shown)
    assert "Privacy contact: from “old@oost.test” to “new@oost.test”" in words
    assert "1 row to change" in words
    assert "1 row to add" in words
    assert count_then == 1
    assert fresh(oost).contact == "new@oost.test"
    assert Tenant.objects.get(name="West").contract_hours == 12
    assert "1 row added." in words_of(after)
    assert "1 row changed." in words_of(after)


def test_each_row_is_on_record_as_by_hand(administrator, admin, oost, ciso, auditor):
    administrator.post(PAGE, signed=signed_in(send(administrator, GOOD)))

    changed, added = LogEntry.objects.order_by("action_flag").reverse()
    assert {changed.user, added.user} == {admin}
    assert changes.lines(changed) == ["Privacy contact: from “old@oost.test” to “new@oost.test”"]
    assert changes.lines(added) == ["Name: “West”", "Notice within (hours): 12"]
    history = words_of(administrator.get(f"incidents/tenant/{oost.pk}/history/"))
    assert "from “old@oost.test” to “new@oost.test”" in history
    assert "from “old@oost.test”" in words_of(Console(auditor).get("admin/logentry/"))
    assert mail.outbox == []  # no account and no role changed


def test_people_of_a_workspace_are_on_record_by_name(administrator, oost, reporter, outsider):
    place = Workspace.objects.create(name="W1", tenant=oost, accountable=reporter)
    page = "incidents/workspace/import/"
    text = "name,accountable,members\nW1,outsider,reporter outsider\n"

    administrator.post(page, signed=signed_in(send(administrator, text, page)))

    assert fresh(place).accountable == outsider
    assert changes.lines(LogEntry.objects.get()) == [
        "Accountable: from “reporter” to “outsider”",
        "Members: from empty to outsider, reporter",
    ]


def test_problems_are_told_by_line_and_nothing_can_be_imported(administrator, oost):
    answer = send(administrator, "name,contract_hours\nA,24\nB,soon\n")

    words = words_of(answer)
    assert "One thing to mend in the file" in words
    assert "3 contract_hours Write a whole number" in words
    assert signed_in(answer) == ""
    assert "Import these" not in words
    assert Tenant.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The submitted file is empty"),
        (b"name\nO\xf6st", "Line 2 is not in UTF-8"),
        (b"name\nO\x00st", "no text"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MB"),
        (b"colour\nred", "no such column"),
        (b'name\n"half', "Check the quotation marks"),
        (b"name\n" + b"x," * 1000, "Is a quote missing?"),
        ("name\n\U0001f512<script>alert(1)</script>".encode(), "1 row to add"),
    ],
)
def test_whatever_is_sent_is_answered_with_words(administrator, data, words):
    answer = send(administrator, data)

    assert answer.status_code == 200
    assert words in words_of(answer)
    assert "<script>alert" not in answer.content.decode()
    assert not Tenant.objects.exists()


def test_nothing_to_send_is_told(administrator):
    assert "This field is required" in words_of(administrator.post(PAGE))
    assert "This field is required" in words_of(administrator.post(PAGE, file="text"))


def test_a_file_of_known_rows_has_nothing_to_import(administrator, oost):
    answer = send(administrator, "name,contact\nOost,old@oost.test\n")

    assert "There is nothing to import" in words_of(answer)
    assert signed_in(answer) == ""


def test_long_plans_and_many_problems_are_cut_with_a_count(administrator):
    many = "".join(f"T{number}\n" for number in range(250))

    plan = send(administrator, f"name\n{many}")
    problems = send(administrator, f"name,contact\n{many}")

    assert "The first 100 of 250 are shown." in words_of(plan)
    assert plan.content.decode().count('<tr><td class="nowrap">') == 100
    assert "The first 100 of 250 are shown." in words_of(problems)
    administrator.post(PAGE, signed=signed_in(plan))
    assert Tenant.objects.count() == 250


def test_when_something_changed_meanwhile_the_new_plan_is_shown(administrator, oost):
    first = send(administrator, GOOD)
    Tenant.objects.filter(pk=oost.pk).update(contact="else@oost.test")

    second = administrator.post(PAGE, signed=signed_in(first))
    third = administrator.post(PAGE, signed=signed_in(second))

    assert second.status_code == 409
    assert "Nothing is stored: meanwhile something changed." in words_of(second)
    assert "from “else@oost.test” to “new@oost.test”" in words_of(second)
    assert third.status_code == 302
    assert fresh(oost).contact == "new@oost.test"


def test_the_same_plan_twice_is_done_once(administrator, oost):
    signed = signed_in(send(administrator, GOOD))

    first = administrator.post(PAGE, signed=signed)
    second = administrator.post(PAGE, signed=signed)

    assert (first.status_code, second.status_code) == (302, 409)
    assert "There is nothing to import" in words_of(second)
    assert LogEntry.objects.count() == 2


def test_only_ones_own_plan_of_this_list_within_the_hour_is_taken(administrator, oost, monkeypatch):
    signed = signed_in(send(administrator, GOOD))
    other = Console(make_user("admin2", "admin"))

    answers = [
        administrator.post(PAGE, signed=signed[:-1] + ("A" if signed[-1] != "A" else "B")),
        administrator.post(PAGE, signed="made up"),
        administrator.post("incidents/department/import/", signed=signed),
        other.post(PAGE, signed=signed),
    ]
    later = time.time() + imports.SECONDS + 60
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    answers.append(administrator.post(PAGE, signed=signed))

    assert {answer.status_code for answer in answers} == {302}
    assert all(answer.url.endswith("/import/") for answer in answers)
    assert Tenant.objects.count() == 1
    assert fresh(oost).contact == "old@oost.test"


def test_nobody_but_who_administers_imports(administrator, people, oost):
    signed = signed_in(send(administrator, GOOD))

    for name, person in people.items():
        console, is_refused = Console(person), name != "admin"
        expected = 403 if is_refused else 200
        for page in (PAGE, f"{PAGE}template.csv"):
            assert console.get(page).status_code == expected, name
        assert send(console, GOOD).status_code == expected, name
        if is_refused:
            assert console.post(PAGE, signed=signed).status_code == 403, name
    assert Console().get(PAGE).status_code == 302
    assert send(Console(), GOOD).status_code == 302
    assert Tenant.objects.count() == 1


def test_when_the_record_cannot_be_written_nothing_is_stored(administrator, oost, monkeypatch):
    signed = signed_in(send(administrator, GOOD))

    def broken(*_arguments, **_names):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("django.contrib.admin.models.LogEntryManager.bulk_create", broken)

    with pytest.raises(RuntimeError):
        administrator.post(PAGE, signed=signed)

    assert Tenant.objects.count() == 1
    assert fresh(oost).contact == "old@oost.test"


def test_four_files_build_a_house(administrator, reporter):
    files = {
        "department": "code;name;is_active\r\nfin;Finance;yes\r\n",
        "tenant": "\ufeffname;contract_hours\r\nOost;24\r\n",
        "workspace": "name;tenant;members\r\nW1;Oost;reporter\r\n",
        "virtualmachine": "name;workspace\r\nvm-1;W1\r\n",
    }
    for name, text in files.items():
        page = f"incidents/{name}/import/"
        administrator.post(page, signed=signed_in(send(administrator, text, page)))

    machine = VirtualMachine.objects.get()
    assert (machine.workspace.name, machine.workspace.tenant.name) == ("W1", "Oost")
    assert Department.objects.get().name == "Finance"
    assert list(machine.workspace.members.all()) == [reporter]
