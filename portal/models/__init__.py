from portal.models.signins import SignInEvent
from portal.models.tokens import ApiToken, IdempotencyRecord
from portal.models.users import User

__all__ = ["ApiToken", "IdempotencyRecord", "SignInEvent", "User"]
