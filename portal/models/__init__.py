from portal.models.announcements import Announcement
from portal.models.articles import Article
from portal.models.drafts import Draft
from portal.models.questionnaires import Questionnaire
from portal.models.readings import Reading
from portal.models.signins import SignInEvent
from portal.models.tokens import ApiToken, IdempotencyRecord
from portal.models.users import User
from portal.models.views import SavedView

__all__ = [
    "Announcement",
    "ApiToken",
    "Article",
    "Draft",
    "IdempotencyRecord",
    "Questionnaire",
    "Reading",
    "SavedView",
    "SignInEvent",
    "User",
]
