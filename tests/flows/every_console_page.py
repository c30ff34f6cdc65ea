"""Every line of the console's URL map by its name: a Shot looks at it, or it is no page to look at.

A new line belongs into tests/screenshots.py, or into one of these tables, or a test fails.
"""

# The Shot's step leads on to it: the name of the line, then of the Shot.
REACHED = {
    "incidents_handover_answer": "console-handover",
    "incidents_handover_change": "console-handover",
    "incidents_incident_lift": "console-lift",
    "incidents_incident_named": "console-name",
    "incidents_incident_signature": "console-signature",
    "incidents_task_assign": "console-assign",
    "incidents_task_block": "console-block",
    "incidents_task_change": "console-task",
    "incidents_task_waive": "console-waive",
    "workflows_alert_change": "console-alert",
}

NO_PAGES = {
    "": "leads to the page of the row, or nowhere",
    "admin_logentry_change": "a line of the list, and nothing behind it",
    "incidents_incident_csv": "a file",
    "incidents_incident_evidence_content": "a file",
    "incidents_incident_people": "for the composer's suggestions",
    "incidents_incident_presence": "takes a POST only",
    "incidents_incident_take": "takes a POST only",
    "incidents_incident_undo": "a button beside the message; its page says only what it undoes",
    "incidents_incident_xlsx": "a file",
    "incidents_task_back": "a button of the task's page",
    "incidents_task_start": "a button of the task's page",
    "jsi18n": "a script",
    "login": "leads to the sign-in of the portal",
    "now": "the counts, for the script",
    "outbox_letter": "a mail as it was sent, in a frame of the outbox",
    "portal_apitoken_change": "a token is shown once, and only revoked",
    "portal_apitoken_revoke": "takes a POST only",
    "portal_article_preview": "takes a POST only; test_knowledge_in_browser.py looks at it",
    "saved_view_change": "takes a POST only",
    "saved_view_remove": "takes a POST only",
    "saved_view_save": "takes a POST only",
    "break_glass": "of superusers, and the demo has none",
    "autocomplete": "for the stock forms' lists",
    "admin_logentry_add": "refused to everybody: the log writes itself",
    "auth_group_add": "refused to everybody: roles are fixed",
    "portal_signinevent_add": "refused to everybody: sign-ins write themselves",
    "workflows_alert_acknowledge": "takes a POST only",
    "workflows_heartbeat_add": "refused to everybody: workers write themselves",
}

# By how a name ends.
NO_PAGES_OF_ALL = {
    "_delete": "refused to everybody: nothing is deleted here",
    "_history": "one page for all kinds: console-history",
    "_import": "one page for all kinds: console-import",
    "_template": "a file",
}


def is_no_page(name: str) -> bool:
    """True for what the tables leave out, with a reason."""
    return name in NO_PAGES or name.endswith(tuple(NO_PAGES_OF_ALL))
