"""A job is named by a string, so only a test can tell a typing error from a job."""

import ast
import inspect
import pydoc

import pytest

from portal import housekeeping, notices, signin_mails, watch
from tests.house.tree import parsed, python_files
from workflows import jobs

# workflows may not import portal
HOMES = {each.__name__ for each in (jobs, watch, notices, signin_mails, housekeeping)}


def queued_names() -> list[str]:
    """Every name that is given to async_task, wherever it stands."""
    calls = [node for path in python_files() for node in ast.walk(parsed(path))]
    return [
        ast.literal_eval(call.args[0])
        for call in calls
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "async_task"
    ]


NAMES = sorted(set(queued_names()))


def test_the_tick_is_among_them():
    assert "workflows.jobs.tick" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_queued_name_is_a_job_where_jobs_live(name):
    job = pydoc.locate(name)

    assert inspect.isfunction(job)
    assert job.__module__ in HOMES


@pytest.mark.parametrize("name", NAMES)
def test_a_job_takes_ids_and_words_never_rows(name):
    parameters = inspect.signature(pydoc.locate(name)).parameters.values()

    assert all(parameter.annotation in (int, str, list[int]) for parameter in parameters)
