"""Who would read an update for the workspaces, named before it is sent."""

from incidents import access, conversation, rights
from incidents.models import Incident
from incidents.rights import Right


def readers(incident: Incident, user) -> list[str]:
    """Each Accountable with their workspaces; none where `user` may not share, or nobody may."""
    if not rights.allowed(user, Right.SHARE, incident) or conversation.why_not_share(incident):
        return []
    found: dict[str, list[str]] = {}
    for workspace in access.accountables(incident):
        found.setdefault(str(workspace.accountable), []).append(workspace.name)
    return [f"{name} ({', '.join(workspaces)})" for name, workspaces in found.items()]
