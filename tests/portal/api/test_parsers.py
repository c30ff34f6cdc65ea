"""Bodies that are no clear JSON object are refused before anything else looks at them."""

import json

import pytest

from incidents.models import Incident
from tests.calling import REPORT, Caller, problem, refused_fields, told

pytestmark = pytest.mark.django_db

BODIES = {
    "no JSON": b"{",
    "two members of one name": b'{"subject": "Data breach", "subject": "Nothing at all"}',
    "two members, deep inside": b'{"subject": "x", "a": {"b": 1, "b": 2}}',
    "NaN": b'{"subject": NaN}',
    "Infinity": b'{"subject": -Infinity}',
    "a float too large": b'{"subject": 1e999}',
    "a number too long": b'{"subject": ' + b"9" * 5000 + b"}",
    "too deep": b'{"subject": ' + b"[" * 40 + b"]" * 40 + b"}",
    "a depth bomb": b"[" * 200_000,
    "an object bomb": b'{"a":' * 100_000,
    "more members than any form has": json.dumps({f"a{n}": n for n in range(500_000)}).encode(),
    "more members than any form has, deep inside": json.dumps(
        {"subject": {str(n): n for n in range(201)}}
    ).encode(),
    "a list of very many": b'{"tags": [' + b"1," * 10_000 + b"1]}",
    "very many lists": b'{"tags": [' + b"[1,1,1,1,1,1]," * 2_000 + b"1]}",
    "not UTF-8": b'{"subject": "\xff\xfe"}',
    "UTF-16": '{"subject": "x"}'.encode("utf-16"),
    "an array": b"[]",
    "null": b"null",
    "a string": b'"subject"',
    "a number": b"3",
    "true": b"true",
    "white space": b"   ",
    "a member without a name": b'{: "x"}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_is_no_clear_object_is_400(reporter, body):
    problem(Caller(reporter).post("incidents/", body), 400)

    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "text/json", ""]
)
def test_another_content_type_is_415(reporter, kind):
    answer = Caller(reporter).send("post", "incidents/", "subject=x", content_type=kind)

    problem(answer, 415)


def test_multipart_is_415_where_json_is_wanted(reporter):
    problem(Caller(reporter).upload("incidents/", subject="x"), 415)


def test_the_charset_may_be_said(reporter, reference):
    kind = "application/json; charset=utf-8"

    told(Caller(reporter).post("incidents/", REPORT, content_type=kind), 201)


def test_a_body_over_the_limit_is_413(reporter, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000

    problem(Caller(reporter).post("incidents/", {**REPORT, "description": "x" * 2000}), 413)


def test_what_is_many_but_not_too_many_is_named_up_to_a_hundred(reporter, reference):
    strange = {f"strange_{n}": n for n in range(190)}

    assert len(refused_fields(Caller(reporter).post("incidents/", {**REPORT, **strange}))) == 100
    assert refused_fields(Caller(reporter).post("incidents/", {**REPORT, "odd": 1})) == {"odd"}


def test_a_text_of_any_length_is_refused_by_the_name_of_its_field(reporter, reference):
    long = {**REPORT, "subject": "\U0001f600" * 800_000}

    assert refused_fields(Caller(reporter).post("incidents/", long)) == {"subject"}
    told(Caller(reporter).post("rules/test/", {"description": "x " * 1_000_000}))


def test_an_empty_object_names_what_is_missing(reporter, reference):
    assert refused_fields(Caller(reporter).post("incidents/", {})) == {"subject", "description"}


def test_a_body_without_a_type_is_415(reporter):
    problem(Caller(reporter).send("post", "incidents/", "{}", content_type=" "), 415)
