"""Says who may ask: whoever says so."""

import json


def handler(event, context):
    """Allow what is asked with the token or key ``let me in``."""
    context = {"asked": json.dumps(sorted(event))}
    if event.get("version") == "2.0":
        return {"isAuthorized": event["identitySource"] == ["let me in"], "context": context}
    effect = "Allow" if event["authorizationToken"] == "Bearer let me in" else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    return {"principalId": "me", "policyDocument": policy, "context": context}
