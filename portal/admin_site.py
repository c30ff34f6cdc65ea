from django.contrib import admin


class ConsoleSite(admin.AdminSite):
    """The agent console."""
