"""What the doors announce. Sent after the save."""

from django.dispatch import Signal

token_issued = Signal()
"""An API token was made. Provides: token, request (None for a command)."""

token_revoked = Signal()
"""An API token was revoked. Provides: token, request."""
