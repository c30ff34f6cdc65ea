"""The OpenAPI document is valid, complete and open to read; so are its pages."""

import pytest
from django.core.management import call_command

from tests.calling import ROOT


def test_the_schema_is_valid_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema"))


@pytest.mark.django_db
def test_the_schema_is_openapi_3_1_and_needs_no_token(client):
    answer = client.get(f"{ROOT}schema/")

    schema = answer.json()

    assert schema["openapi"].startswith("3.1")
    assert "/api/v1/incidents/{reference}/transitions/" in schema["paths"]
    assert "/api/v1/tasks/{id}/finish/" in schema["paths"]


@pytest.mark.django_db
def test_every_post_takes_an_idempotency_key_and_every_operation_may_refuse(client):
    paths = client.get(f"{ROOT}schema/").json()["paths"]

    for path, methods in paths.items():
        for method, operation in methods.items():
            names = {each["name"] for each in operation.get("parameters", [])}
            assert ("Idempotency-Key" in names) == (method == "post"), (method, path)
            assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.django_db
def test_the_schema_comes_as_yaml_too(client):
    by_name = client.get(f"{ROOT}schema/?format=yaml")
    by_accept = client.get(f"{ROOT}schema/", headers={"Accept": "application/vnd.oai.openapi"})

    assert by_name.content.startswith(b"openapi: 3.1")
    assert by_accept.content == by_name.content


@pytest.mark.django_db
def test_the_pages_run_no_inline_script(client):
    page = client.get(f"{ROOT}docs/")
    script = client.get(f"{ROOT}docs/?script=")

    policy = page["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "img-src 'self' data:" in policy
    assert b"<script>" not in page.content
    assert b"<style" not in page.content
    assert script["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema/" in script.content


@pytest.mark.django_db
def test_only_the_pages_of_the_api_may_show_data_images(client):
    assert "data:" not in client.get(f"{ROOT}schema/")["Content-Security-Policy"]
