"""Which pages are looked at, and as whom."""

from http.cookiejar import Cookie
from typing import NamedTuple

from tests.flows.callers import Visitor
from tests.live import Product


class Looked(NamedTuple):
    """One page, as a stranger or as a demo user."""

    path: str
    user: str = ""

    def __str__(self) -> str:
        return f"{self.path} as {self.user or 'a stranger'}"


PAGES = [
    Looked("/"),
    Looked("/", "reporter"),
    Looked("/report/"),
    Looked("/report/", "reporter"),
    Looked("/accounts/login/"),
]


def cookies_of(product: Product, user: str) -> str:
    """The Cookie header of a browser of this user."""
    if not user:
        return ""
    jar: list[Cookie] = list(Visitor(product, user).jar)
    return "; ".join(f"{each.name}={each.value}" for each in jar)
