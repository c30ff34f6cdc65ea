"""How often a token may call. Counted in each web process: a brake on runaway loops, no billing."""

from django.core.cache import caches
from rest_framework.throttling import SimpleRateThrottle


class PerToken(SimpleRateThrottle):
    """The rate named "token" in REST_FRAMEWORK, for each token on its own."""

    scope = "token"
    cache = caches["process"]  # in the database each call would cost a write

    def get_cache_key(self, request, view) -> str | None:
        return None if request.auth is None else f"api-rate:{request.auth.digest}"
