"""Lighthouse looks at the pages that a frightened person sees first.

Where Node is missing the test is skipped, also under CI: the product has no JavaScript build, so a
machine that tests it need not have Node, and axe looks at the same pages in any case. How quick
pages are is measured by `make lighthouse` alone: it depends on what else the machine does.
"""

import warnings

import pytest

from tests.lighthouse.measure import ACCESSIBILITY, SOUND, install, is_possible, look
from tests.lighthouse.pages import PAGES, opened

pytestmark = [pytest.mark.browser, pytest.mark.product]

FIRST = [page for page in PAGES if page.path in {"/", "/report/"} and page.user]
MISSING = "NO LIGHTHOUSE: node or npm is missing here; its marks were not checked"


@pytest.fixture(scope="module")
def lighthouse() -> None:
    if not is_possible():
        warnings.warn(MISSING, stacklevel=1)
        pytest.skip(MISSING)
    install()


@pytest.mark.parametrize("page", FIRST, ids=str)
def test_the_first_pages_get_full_marks(lighthouse, live, page):
    url, cookie = opened(live, page)

    marks, lacking = look(url, ACCESSIBILITY, SOUND, cookie=cookie)

    assert marks[ACCESSIBILITY] == 100, lacking
    assert marks[SOUND] >= 95, lacking
