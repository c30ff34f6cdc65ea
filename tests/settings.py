"""The settings under test: the product's own, with a data directory of its own for each process.

The surrounding environment is cleared first: a developer's PORT or EMAIL_URL must change no result.
`python -m tests` runs the suite a second time with TOCSIN_TEST_DATABASE naming a PostgreSQL.
"""

# ruff: noqa: E402, F403, F405 - the environment has to be right before the settings are read
import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from portal import env

_settings_file = Path(env.__file__).with_name("settings.py").read_text(encoding="utf-8")
for _name in re.findall(r'env\.\w+\(\s*"(\w+)"', _settings_file):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="tocsin-test-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ["DATABASE_URL"] = os.environ.get("TOCSIN_TEST_DATABASE", "")
os.environ["LOG_LEVEL"] = "WARNING"
# Playwright runs its event loop in the thread of the tests; no test runs Django inside of it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from portal.settings import *

STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    **STORAGES,
    # The manifest of the real storage exists only after collectstatic.
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Tests of other things sign people in without ceremony; test_second_factor.py turns it on.
SECOND_FACTOR_IS_COMPULSORY = False
Q_CLUSTER = {**Q_CLUSTER, "sync": True}
