import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.states import Confidentiality, State
from portal import saved_views
from portal.models import SavedView
from tests.console import Console, words_of
from tests.factories import fresh, make_incident, make_task, make_user

LIST = "/admin/incidents/incident/"


@pytest.fixture
def agent(db):
    return Console(make_user("agent", "agent"))


@pytest.fixture
def handler(db):
    return Console(make_user("handler", "handler"))


@pytest.fixture
def auditor(db):
    return Console(make_user("auditor", "auditor"))


@pytest.fixture
def reporter(db):
    return Console(make_user("reporter"))


def save(console, name="Parcels", query="q=parcel", audience="mine", path=LIST):
    words = {"name": name, "query": query, "audience": audience, "path": path}
    return console.client.post("/admin/views/save/", words)


def rail_of(console) -> str:
    page = console.get("views/").content.decode()
    return page.partition('id="views-of"')[2].partition("</nav>")[0]


def test_a_view_is_saved_from_its_list_and_leads_back_to_it(agent):
    make_incident(subject="A parcel mail")
    make_incident(subject="A lost laptop")

    answer = save(agent, query="q=parcel&p=3")
    page = agent.get("incidents/incident/", q="parcel")

    assert answer["Location"] == f"{LIST}?q=parcel"
    assert '<a href="/admin/incidents/incident/?q=parcel" aria-current="page">Parcels' in (
        page.content.decode()
    )
    assert "Parcels 1" in words_of(page)
    assert "The view “Parcels” is saved." in words_of(page)


def test_the_list_of_tasks_can_be_saved_too(agent):
    make_task(make_incident())

    answer = save(agent, "Late ones", "due=overdue", path="/admin/incidents/task/")

    assert answer["Location"] == "/admin/incidents/task/?due=overdue"
    assert "Late ones" in rail_of(agent)


def test_a_view_is_seen_by_those_it_is_for(agent, handler, auditor):
    other = Console(make_user("agent2", "agent"))
    save(agent, "Mine alone")
    save(agent, "Of the desk", audience="team")
    save(agent, "Of all", audience="everyone")

    seen = {console: rail_of(console) for console in (agent, other, handler, auditor)}

    assert [("Mine alone" in text) for text in seen.values()] == [True, False, False, False]
    assert [("Of the desk" in text) for text in seen.values()] == [True, True, False, False]
    assert [("Of all" in text) for text in seen.values()] == [True, True, True, True]


def test_a_shared_view_counts_what_its_reader_may_see(agent, handler):
    secret = make_incident(subject="A parcel", confidentiality=Confidentiality.RESTRICTED)
    secret.named_people.create(person=handler.user)
    make_incident(subject="Another parcel")
    save(agent, audience="everyone")

    counts = [words_of(each.get("views/")) for each in (agent, handler)]

    assert "Parcels 1" in counts[0]
    assert "Parcels 2" in counts[1]


def test_mine_in_a_shared_view_means_its_reader(agent, handler):
    make_incident(owner=handler.user)
    save(agent, "Own", "owner=me", audience="everyone")

    assert "Own 0" in words_of(agent.get("views/"))
    assert "Own 1" in words_of(handler.get("views/"))


def test_a_count_ends_at_a_limit(agent, monkeypatch):
    monkeypatch.setattr(saved_views, "COUNTED_MOST", 2)
    monkeypatch.setattr("portal.rail.COUNTED_MOST", 2)
    for _n in range(4):
        make_incident()
    save(agent, "Everything", "state=all")

    assert "Everything 2+" in words_of(agent.get("views/"))


def test_only_the_first_views_are_counted_and_rows_cost_no_query_more(agent):
    for n in range(saved_views.COUNTED + 2):
        save(agent, f"View {n:02}", f"q=parcel{n}")
    agent.get("views/")
    with CaptureQueriesContext(connection) as few:
        agent.get("views/")
    for n in range(12):
        make_incident(State.TRIAGE, subject=f"parcel{n}")

    with CaptureQueriesContext(connection) as many:
        page = words_of(agent.get("views/"))

    assert len(many) == len(few)
    assert "View 07 1" in page
    assert "View 08 View 09" in page


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "Give it a name."),
        ({"name": "x" * 61}, "Use at most 60 characters."),
        ({"name": "a\u202eb"}, "invisible character"),
        ({"audience": "world"}, "Choose for whom it is."),
        ({"path": "/admin/portal/user/"}, "This list cannot be saved."),
        ({"path": "https://evil.example/"}, "This list cannot be saved."),
        ({"query": "reporter__password__startswith=a"}, "This list cannot be saved."),
        ({"query": "q=" + "x" * 1000}, "1000"),
    ],
)
def test_what_cannot_be_a_view_is_told_and_what_was_typed_is_kept(agent, wrong, words):
    page = save(agent, **wrong)

    assert words in words_of(page)
    assert 'name="query"' in page.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_used_once_by_each_person(agent, handler):
    save(agent)

    again, by_other = save(agent), save(handler)

    assert "You have a view of this name already." in words_of(again)
    assert by_other.status_code == 302
    assert SavedView.objects.count() == 2


def test_ones_own_view_is_renamed_shared_moved_and_removed(agent):
    for name in ("First", "Second"):
        save(agent, name)
    first, second = SavedView.objects.order_by("pk")

    agent.post(f"views/{second.pk}/change/", move="up")
    moved = list(agent.user.saved_views.all())
    agent.post(f"views/{first.pk}/change/", name="Third", audience="everyone")
    agent.post(f"views/{second.pk}/remove/")

    assert moved == [second, first]
    assert list(SavedView.objects.values_list("name", "audience")) == [("Third", "everyone")]


def test_the_view_of_somebody_else_is_neither_changed_nor_removed(agent, handler):
    save(agent, audience="everyone")
    view = SavedView.objects.get()

    changed = handler.post(f"views/{view.pk}/change/", name="Stolen", audience="mine")
    removed = handler.post(f"views/{view.pk}/remove/")

    assert {changed.status_code, removed.status_code} == {404}
    assert fresh(view).name == "Parcels"


def test_an_auditor_saves_for_themselves_only(auditor):
    shared = save(auditor, audience="everyone")
    own = save(auditor)

    assert "You can save views for yourself only." in words_of(shared)
    assert own.status_code == 302
    assert SavedView.objects.get().audience == "mine"


def test_nothing_is_saved_or_removed_by_looking(agent):
    save(agent)
    view = SavedView.objects.get()

    looked = [agent.get(f"views/{path}").status_code for path in ("save/", f"{view.pk}/remove/")]

    assert looked == [405, 405]
    assert SavedView.objects.count() == 1


def test_an_outsider_has_no_views(reporter, db):
    administrator = Console(make_user("admin", "admin"))

    assert save(reporter).status_code == 403
    assert save(administrator).status_code == 403
    assert administrator.get("views/").status_code == 403


def test_the_views_of_somebody_who_left_are_shown_to_nobody(agent, handler):
    save(agent, audience="everyone")

    agent.user.is_active = False
    agent.user.save()

    assert "Parcels" not in rail_of(handler)
