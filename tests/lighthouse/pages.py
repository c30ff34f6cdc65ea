"""Which pages are looked at, and as whom."""

import re
from http.cookiejar import Cookie
from typing import NamedTuple

from tests.flows.callers import Visitor
from tests.live import Product

REFERENCE = re.compile(r"INC-\d+")


class Looked(NamedTuple):
    """One page, as a stranger or as a demo user. {report} is a report made for the purpose."""

    path: str
    user: str = ""

    def __str__(self) -> str:
        return f"{self.path} as {self.user or 'a stranger'}"


PAGES = [
    Looked("/"),
    Looked("/", "reporter"),
    Looked("/report/"),
    Looked("/report/", "reporter"),
    Looked("/report/{report}/about/", "reporter"),
    Looked("/report/{report}/check/", "reporter"),
    Looked("/accounts/login/"),
]


def opened(product: Product, page: Looked) -> tuple[str, str]:
    """The address of the page, and the Cookie header of a browser of its user."""
    visitor = Visitor(product, page.user)
    path = page.path
    if "{report}" in path:
        told = visitor.post("/report/", {"description": "The door of the server room is open."})
        path = path.format(report=REFERENCE.findall(told.url)[0])
    jar: list[Cookie] = list(visitor.jar)
    return product.url + path, "; ".join(f"{each.name}={each.value}" for each in jar)
