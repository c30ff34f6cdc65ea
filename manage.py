#!/usr/bin/env python
"""Django's command line for Tocsin; reads the same environment as `make run`."""

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.umask(0o077)  # the database, its journal and locks are for their owner alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    execute_from_command_line(sys.argv)
