from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        from portal import checks, signals  # models are loaded only now

        checks.register_all()
        signals.connect()


class ConsoleConfig(AdminConfig):
    default_site = "portal.admin_site.ConsoleSite"
