"""A file of tenants, workspaces, machines or departments: what it would do, and that it does it."""

import pytest
from django.core.exceptions import ValidationError

from incidents import organisation_import
from incidents.models import Department, Tenant, VirtualMachine, Workspace
from incidents.organisation_import import PlanChanged
from tests.factories import fresh, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def oost():
    return Tenant.objects.create(name="Oost", contact="old@oost.test", contract_hours=24)


@pytest.fixture
def place(oost, reporter):
    place = Workspace.objects.create(name="W1", tenant=oost, accountable=reporter)
    place.members.add(reporter)
    return place


def problems_of(model, text: str) -> list[tuple[int, str, str]]:
    made = organisation_import.plan(model, text)
    assert not made.can_apply
    return [(each.line, each.column, each.message) for each in made.problems]


def bring_in(model, text: str):
    made = organisation_import.plan(model, text)
    assert made.problems == []
    return organisation_import.apply(model, text, made.digest)


def test_a_plan_tells_new_changed_and_unchanged_rows_and_stores_nothing(oost):
    text = "name,contact,contract_hours\nOost,new@oost.test,24\nWest,,12\n"

    made = organisation_import.plan(Tenant, text)
    again = organisation_import.plan(Tenant, "name,contact\nOost,old@oost.test\n")

    assert [row.values for row in made.changed] == [{"contact": ("old@oost.test", "new@oost.test")}]
    assert [(row.line, row.instance.name) for row in made.added] == [(3, "West")]
    assert (again.rows, again.unchanged, again.can_apply) == ([], 1, False)
    assert fresh(oost).contact == "old@oost.test"
    assert Tenant.objects.count() == 1


def test_a_column_that_is_left_out_is_left_alone(oost):
    bring_in(Tenant, "name;contract_hours\nOost;48\nWest;12\n")

    assert (fresh(oost).contact, fresh(oost).contract_hours) == ("old@oost.test", 48)
    assert Tenant.objects.get(name="West").contact == ""


def test_departments_are_found_by_their_code():
    door = Department.objects.create(code="it", name="IT")

    bring_in(Department, "code,name,is_active\nit,Information technology,no\nhr,People,YES\n")

    assert (fresh(door).name, fresh(door).is_active) == ("Information technology", False)
    assert Department.objects.get(code="hr").is_active


def test_workspaces_come_with_their_people(place, oost):
    west = Tenant.objects.create(name="West")
    anna, bert = make_user("anna"), make_user("bert")

    text = 'name,tenant,accountable,members\nW1,West,anna,"anna; bert"\nW2,Oost,,\n'
    bring_in(Workspace, text)

    assert (fresh(place).tenant, fresh(place).accountable) == (west, anna)
    assert set(place.members.all()) == {anna, bert}
    second = Workspace.objects.get(name="W2")
    assert (second.tenant, second.accountable, second.members.count()) == (oost, None, 0)


def test_machines_find_their_workspace(place):
    text = "name\tworkspace\nvm-1\tW1\n=cmd()\tW1\n"

    bring_in(VirtualMachine, text)
    again = organisation_import.plan(VirtualMachine, text)

    assert set(place.machines.values_list("name", flat=True)) == {"vm-1", "=cmd()"}
    assert (again.unchanged, again.rows) == (2, [])


@pytest.mark.parametrize(
    ("model", "text", "line", "column", "words"),
    [
        (Tenant, "name\nX\nY\nX", 4, "name", "Line 2 is about the same one"),
        (Tenant, "name,contact\n,x", 2, "name", "Fill this in"),
        (Tenant, "name,contract_hours\nX,", 2, "contract_hours", "Fill this in"),
        (Tenant, "name,contract_hours\nX,soon", 2, "contract_hours", "Write a whole number"),
        (Tenant, "name,contract_hours\nX,-1", 2, "contract_hours", "Write a whole number"),
        (Tenant, "name,contract_hours\nX,٣", 2, "contract_hours", "Write a whole number"),
        (Tenant, "name,contract_hours\nX,40000", 2, "contract_hours", "at most 32767"),
        (Tenant, "name,contract_hours\nX,9999999999", 2, "contract_hours", "whole number"),
        (Tenant, f"name\n{'x' * 201}", 2, "name", "at most 200 characters"),
        (Tenant, 'name\n"a\nb"', 2, "name", "Put this on one line"),
        (Department, "code,name\nno good,X", 2, "code", "valid “slug”"),
        (Department, "code\nx", 2, "name", "a new one needs this column"),
        (Department, "code,name,is_active\nx,X,maybe", 2, "is_active", "Write yes or no"),
        (Workspace, "name,tenant\nW,Nowhere", 2, "tenant", "no tenant “Nowhere”"),
        (Workspace, "name,tenant\nW,oost", 2, "tenant", "no tenant “oost”"),
        (Workspace, "name,tenant\nW,", 2, "tenant", "Fill this in"),
        (Workspace, "name\nW", 2, "tenant", "a new one needs this column"),
        (Workspace, "name,tenant,accountable\nW,Oost,nobody", 2, "accountable", "user nobody"),
        (Workspace, "name,tenant,accountable\nW,Oost,gone", 2, "accountable", "active user gone"),
        (Workspace, "name,tenant,members\nW,Oost,reporter x", 2, "members", "active user x"),
        (VirtualMachine, "name,workspace\nv,W9", 2, "workspace", "no workspace “W9”"),
    ],
)
def test_what_cannot_be_stored_is_told_by_line_and_column(
    oost, reporter, model, text, line, column, words
):
    make_user("gone", is_active=False)

    found = problems_of(model, text)

    assert [each[:2] for each in found] == [(line, column)]
    assert words in found[0][2]


def test_all_problems_of_a_file_are_told_at_once(oost):
    text = "name,contact,contract_hours\nA,x\n,y,z\nOost,,12\n"

    found = problems_of(Tenant, text)

    assert [each[:2] for each in found] == [(2, ""), (3, "name"), (3, "contract_hours")]


def test_a_file_with_one_bad_row_stores_none(oost):
    text = "name,contract_hours\nA,24\nB,soon\n"
    made = organisation_import.plan(Tenant, text)

    with pytest.raises(PlanChanged):
        organisation_import.apply(Tenant, text, made.digest)

    assert Tenant.objects.count() == 1


def test_what_was_shown_is_what_is_done_or_nothing(oost):
    text = "name,contact,contract_hours\nOost,new@oost.test,24\nWest,,24\n"
    made = organisation_import.plan(Tenant, text)
    Tenant.objects.filter(pk=oost.pk).update(contact="else@oost.test")

    with pytest.raises(PlanChanged) as refused:
        organisation_import.apply(Tenant, text, made.digest)

    now = refused.value.plan
    assert now.changed[0].values["contact"] == ("else@oost.test", "new@oost.test")
    assert Tenant.objects.count() == 1
    organisation_import.apply(Tenant, text, now.digest)
    assert fresh(oost).contact == "new@oost.test"


@pytest.mark.parametrize(
    "meanwhile",
    [
        lambda place: place.members.clear(),
        lambda place: Workspace.objects.filter(pk=place.pk).update(name="W0"),
        lambda place: Workspace.objects.filter(pk=place.pk).update(accountable=None),
        lambda place: Workspace.objects.create(name="W2", tenant=place.tenant),
        lambda place: Tenant.objects.filter(pk=place.tenant_id).update(name="Renamed"),
    ],
)
def test_any_change_that_matters_is_noticed(place, outsider, meanwhile):
    text = "name,tenant,accountable,members\nW1,Oost,outsider,outsider\nW2,Oost,,\n"
    made = organisation_import.plan(Workspace, text)
    meanwhile(place)

    with pytest.raises(PlanChanged):
        organisation_import.apply(Workspace, text, made.digest)


def test_a_row_that_appears_at_the_last_moment_stores_none(oost, monkeypatch):
    text = "name\nWest\nNoord\n"
    made = organisation_import.plan(Tenant, text)
    store = organisation_import._store

    def after_somebody_else(made):
        Tenant.objects.create(name=made.added[-1].instance.name)
        store(made)

    monkeypatch.setattr(organisation_import, "_store", after_somebody_else)

    with pytest.raises(PlanChanged):
        organisation_import.apply(Tenant, text, made.digest)

    assert set(Tenant.objects.values_list("name", flat=True)) == {"Oost"}


def test_a_plan_asks_as_often_for_one_row_as_for_many(place, django_assert_num_queries):
    for number in range(40):
        make_user(f"person{number}")
    header = "name,tenant,accountable,members\n"
    rows = [f"N{number},Oost,person{number},person{number} reporter\n" for number in range(40)]

    with django_assert_num_queries(3):
        organisation_import.plan(Workspace, header + rows[0])
    with django_assert_num_queries(3):
        made = organisation_import.plan(Workspace, header + "".join(rows))

    assert len(made.added) == 40


def test_the_templates_can_be_read_back():
    for model, (columns, example) in organisation_import.FILES.items():
        text = f"{','.join(columns)}\n{','.join(example)}\n"
        for problem in organisation_import.plan(model, text).problems:
            assert "There is no" in problem.message  # the people and places of the example


def test_a_key_of_the_wrong_kind_is_no_surprise():
    with pytest.raises(ValidationError):
        Department(code="no good", name="x").full_clean()
