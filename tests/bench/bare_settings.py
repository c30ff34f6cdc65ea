"""The portal's own settings with nothing around the view of tests/bench/bare.py."""

# ruff: noqa: F403
from portal.settings import *

ROOT_URLCONF = "tests.bench.bare"
MIDDLEWARE = ["allauth.account.middleware.AccountMiddleware"]  # it will not start without
