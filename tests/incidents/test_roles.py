"""Who acts: a role is a group, work never waits for a role that nobody holds."""

import pytest

from incidents import roles
from incidents.roles import Role
from tests.factories import make_incident, make_task, make_user


def test_every_role_but_the_reporters_is_a_group():
    assert set(roles.GROUP_OF) == set(Role) - {Role.REP}
    assert len(set(roles.GROUP_OF.values())) == len(roles.GROUP_OF)


@pytest.mark.parametrize(("role", "group"), roles.GROUP_OF.items())
def test_a_member_of_the_group_holds_the_role(role, group, db):
    member = make_user("member", group, "a-group-of-another-application")

    assert roles.of(member) == {role}


def test_several_groups_are_several_roles(handler):
    assert roles.of(handler) == {Role.IH, Role.FOR, Role.SYS}


def test_whoever_left_is_nobody_or_has_no_group_holds_no_role(reporter, db):
    former = make_user("former", "manager", is_active=False)
    superuser = make_user("root", is_superuser=True)

    assert [roles.of(each) for each in (former, reporter, superuser, None)] == [frozenset()] * 4


@pytest.mark.parametrize(
    ("role", "chain"),
    [
        ("MIM", ["MIM"]),
        ("IH", ["IH", "MIM"]),
        ("SDA", ["SDA", "IH", "MIM"]),
        ("LEG", ["LEG", "DPO", "CISO", "MIM"]),
        ("HR", ["HR", "MGT", "MIM"]),
        ("AUD", ["AUD"]),
    ],
)
def test_each_role_has_whoever_stands_in(role, chain):
    assert roles.chain(role) == chain


def test_every_chain_ends_with_the_manager():
    assert {roles.chain(role)[-1] for role in roles.WORKING} == {Role.MIM}


def test_those_who_hold_a_role_come_before_those_who_stand_in(db):
    manager, handler = make_user("m", "manager"), make_user("h", "handler")
    forensics = make_user("f", "forensics")

    held = roles.holders(["FOR", "SYS", "MIM", "COM"])

    assert held == {"FOR": [forensics], "SYS": [handler], "MIM": [manager], "COM": [manager]}


def test_the_least_loaded_comes_first(db):
    busy, free = make_user("busy", "legal"), make_user("free", "legal")
    incident = make_incident()
    make_task(incident, assignee=busy)

    assert roles.holders(["LEG"])["LEG"] == [free, busy]

    for _ in range(2):
        make_task(incident, assignee=free)
    assert roles.holders(["LEG"])["LEG"] == [busy, free]


def test_settled_work_is_no_load(manager):
    first, second = make_user("first", "legal"), make_user("second", "legal")
    incident = make_incident()
    for _ in range(3):
        make_task(incident, assignee=first)
    make_task(incident, assignee=second)
    incident.tasks.filter(assignee=first).update(state="cancelled", reason="Covered.")

    assert roles.holders(["LEG"])["LEG"] == [first, second]


def test_inactive_people_get_no_work(db):
    make_user("former", "handler", is_active=False)
    manager = make_user("m", "manager")

    assert roles.holders(["IH"]) == {"IH": [manager]}


def test_a_role_that_nobody_can_fill_has_an_empty_list(db):
    make_user("auditor", "auditor")

    assert roles.holders(["IH", "CISO"]) == {"IH": [], "CISO": []}


def test_asking_for_all_roles_takes_as_many_queries_as_for_one(team, django_assert_num_queries):
    with django_assert_num_queries(2):
        roles.holders(["IH"])
    with django_assert_num_queries(2):
        roles.holders(roles.GROUP_OF)


@pytest.mark.parametrize(
    ("name", "is_found"),
    [
        ("agent", True),
        ("dpo", True),
        ("reporter", False),
        ("auditor", False),
        ("admin", False),
        ("nobody", False),
        ("", False),
        ("age\x00nt", False),
        ("\ud800", False),
    ],
)
def test_a_team_member_is_found_by_user_name(name, is_found, people):
    found = roles.team_member(name)

    assert found == (people[name] if is_found else None)


def test_a_team_member_who_left_is_not_found(db):
    make_user("former", "agent", is_active=False)

    assert roles.team_member("former") is None
