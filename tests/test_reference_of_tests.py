"""tests/reference.py gives what is shipped, whatever the test that asks first has made."""

import tests.reference
from incidents.models import Category, Department
from tests.factories import make_category, make_department


def test_rows_of_a_test_do_not_pass_for_shipped_ones(db):
    make_department()
    make_category("fraud/phishing")
    tests.reference.shipped.cache_clear()

    shipped = tests.reference.shipped()

    (department,) = shipped[Department]
    assert department.name == "Security-related incidents"
    assert len(shipped[Category]) > 30
    assert len({(row.class_code, row.code) for row in shipped[Category]}) == len(shipped[Category])
