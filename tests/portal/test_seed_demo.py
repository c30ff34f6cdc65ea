"""When the demo may be made, and when not; its clock too."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.utils import timezone

from incidents import clock


@pytest.mark.django_db
def test_an_installation_that_is_in_use_is_left_alone(settings, reporter):
    settings.DEMO = True

    call_command("seed_demo", verbosity=0)

    assert list(get_user_model().objects.all()) == [reporter]


@pytest.mark.django_db
def test_without_demo_the_command_refuses_and_makes_nobody(settings, reference):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO"):
        call_command("seed_demo")

    assert not get_user_model().objects.exists()


def test_without_demo_nothing_can_be_dated_back(settings):
    settings.DEMO = False
    long_ago = timezone.now() - timezone.timedelta(days=3)

    with pytest.raises(PermissionDenied), clock.at(long_ago):
        pass

    assert clock.now() > long_ago


def test_in_the_demo_the_clock_goes_on_when_an_act_is_over(settings):
    settings.DEMO = True
    long_ago = timezone.now() - timezone.timedelta(days=3)

    with clock.at(long_ago):
        inside = clock.now()

    assert inside == long_ago
    assert clock.now() > long_ago
