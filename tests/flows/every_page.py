"""Every page that people of the portal see, by its line in the URL map: one table for all looks.

`{mine}` is a report whose questions are open, `{closed}` and `{shared}` tickets of the demo. A new
line of the map belongs into one of these tables, or a test fails.
"""

# Of whoever comes by.
OPEN = {
    "/": "/",
    "/help/": "/help/",
    "/help/{name}/": "/help/reporting/",
    "/report/": "/report/",
}

# Of a signed-in person without a role.
OWN = {
    "/": "/",
    "/report/": "/report/",
    "/report/{reference}/{name}/": "/report/{mine}/{question}/",
    "/report/{reference}/check/": "/report/{mine}/check/",
    "/report/done/{reference}/": "/report/done/{mine}/",
    "/tickets/": "/tickets/",
    "/tickets/{reference}/": "/tickets/{mine}/",
    "/tickets/{reference}/reopen/": "/tickets/{closed}/reopen/",
}

# Of the Accountable of a workspace.
SHARED = {
    "/tickets/": "/tickets/",
    "/tickets/shared/{reference}/": "/tickets/shared/{shared}/",
}

SIGN_IN_OPEN = [
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/signup/",
    "/accounts/inactive/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/3rdparty/login/error/",
]
SIGN_IN_OWN = [
    "/accounts/2fa/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/webauthn/reauthenticate/",
    "/accounts/reauthenticate/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/logout/",
]
# Reached by a step, a link in a mail, or a key of one's own: test_signin_in_browser.py goes there.
SIGN_IN_STEPS = [
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/keys/{pk}/edit/",
    "/accounts/2fa/webauthn/keys/{pk}/remove/",
    "/accounts/password/reset/key/{uidb36}-{key}/",
]

NO_PAGES = {
    "/a/{token}/": "of the team: test_story_in_browser.py looks at it",
    "/accounts/2fa/recovery-codes/download/": "a text file",
    "/accounts/2fa/webauthn/login/": "leads back to sign-in",
    "/accounts/3rdparty/": "is not there",
    "/accounts/3rdparty/signup/": "is not there",
    "/accounts/confirm-email/": "nobody adds an address",
    "/accounts/confirm-email/{key}/": "nobody adds an address",
    "/accounts/email/": "is not there",
    "/accounts/login/code/confirm/": "nobody signs in by a code in a mail",
    "/accounts/oidc/{provider_id}/login/": "leads to the provider",
    "/accounts/oidc/{provider_id}/login/callback/": "comes from the provider",
    "/accounts/password/set/": "is not there",
    "/accounts/sessions/{pk}/end/": "takes a POST only",
    "/accounts/social/connections/": "the old address",
    "/accounts/social/login/cancelled/": "the old address",
    "/accounts/social/login/error/": "the old address",
    "/accounts/social/signup/": "the old address",
    "/drafts/{key}/": "takes a POST only",
    "/healthz": "for machines",
    "/language/": "takes a POST only",
    "/metrics": "for machines",
    "/readyz": "for machines",
    "/report/similar/": "a part of a page",
    "/tickets/{reference}/files/{key}/": "a file",
}


def lines() -> set[str]:
    """Every line that the tables know."""
    return {*OPEN, *OWN, *SHARED, *SIGN_IN_OPEN, *SIGN_IN_OWN, *SIGN_IN_STEPS, *NO_PAGES}
