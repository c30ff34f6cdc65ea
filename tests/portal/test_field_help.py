"""Every field that an administrator fills in says what it is for."""

import re

import pytest
from django.contrib import admin as console
from django.test import RequestFactory

from incidents.admin.permissions import ReferenceAdmin
from portal.admin import TokenForm
from portal.models import ApiToken
from tests.console import Console

pytestmark = pytest.mark.django_db

PAGES = {
    model: page
    for model, page in console.site._registry.items()
    if isinstance(page, ReferenceAdmin)
}


def forms_of(model, request) -> list:
    """The forms to add and to change a row."""
    if model is ApiToken:  # it is never changed, and made by a form of its own
        return [TokenForm(by=request.user)]
    page = PAGES[model]
    return [page.get_form(request, row, change=row is not None)() for row in (None, model())]


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_every_field_has_its_help(admin, model):
    request = RequestFactory().get("/")
    request.user = admin

    fields = [each for form in forms_of(model, request) for each in form.visible_fields()]

    assert fields
    assert {each.name for each in fields if not str(each.help_text).strip()} == set()


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
def test_the_help_stands_on_the_page_at_its_field(admin, model):
    page = f"{model._meta.app_label}/{model._meta.model_name}/add/"

    text = Console(admin).get(page).content.decode()

    told = set(re.findall(r'aria-describedby="([^"]+)"', text))
    ids = set(re.findall(r'\bid="([^"]+)"', text))
    assert told
    assert {each for all_ in told for each in all_.split()} <= ids
