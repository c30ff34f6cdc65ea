"""What a token may be used for. What its user may do is decided by incidents/rights.py."""

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import BasePermission

FREE_METHODS = {"OPTIONS"}


class HasScope(BasePermission):
    """The token carries a scope that the view asks for.

    A view's `required_scopes` maps a method to one scope, or to several of which one is enough.
    """

    message = _("This token does not have the scope for this.")

    def has_permission(self, request, view) -> bool:
        if request.auth is None:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        if method in FREE_METHODS or not hasattr(view, method.lower()):
            return True  # ends as 405
        wanted = view.required_scopes[method]
        accepted = {wanted} if isinstance(wanted, str) else set(wanted)
        return bool(accepted & set(request.auth.scopes))
