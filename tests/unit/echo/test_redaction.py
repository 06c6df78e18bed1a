"""Echo: what of a request is secret, and is not said again."""

import json

import pytest

from tests.unit.echo.calls import Json, described, http, invoke, sample

SECRET = "s3cret"
# What lets its holder in, at AWS and at others.
SECRETS = (
    "authorization proxy-authorization cookie set-cookie x-api-key x-amz-security-token "
    "x-amzn-oidc-accesstoken x-amzn-oidc-data x-amz-server-side-encryption-customer-key "
    "x-amz-copy-source-server-side-encryption-customer-key x-goog-api-key "
    "x-goog-iap-jwt-assertion cf-access-jwt-assertion cf-access-client-secret x-auth-key "
    "api-key ocp-apim-subscription-key x-functions-key x-ms-token-aad-access-token "
    "x-ms-token-aad-id-token x-ms-token-aad-refresh-token private-token job-token "
    "x-gitlab-token x-telegram-bot-api-secret-token x-shopify-access-token x-vault-token "
    "dd-api-key dd-application-key x-honeycomb-team x-sentry-auth x-rapidapi-key x-auth-token "
    "x-subject-token x-forwarded-access-token x-auth-request-access-token x-csrf-token "
    "x-csrftoken x-xsrf-token"
).split()


def headers(*names: str) -> Json:
    return dict.fromkeys(names, SECRET)


class TestHeaders:
    def test_leaves_out_every_secret_header(self) -> None:
        """No value of a known secret header is in any copy of it."""
        response = invoke(http(headers=headers(*SECRETS), cookies=[f"session={SECRET}"]))
        assert SECRET not in response["body"]
        document = described(response)
        assert document["headers"] == [[name, "[redacted]"] for name in SECRETS]
        assert document["cookies"] == [["session", "[redacted]"]]

    @pytest.mark.parametrize(
        "name",
        [
            "X-Forwarded-Authorization",
            "x-amzn-remapped-authorization",
            "X-Access-Token",
            "x-aws-parameters-secrets-token",
            "X-Hasura-Admin-Secret",
            "X-Password",
            "apikey",
            "X_API_KEY",
        ],
    )
    def test_leaves_out_what_is_named_like_a_secret(self, name: str) -> None:
        """A secret header is known by the end of its name."""
        document = described(invoke(http(headers={name: SECRET, f"{name}-id": "7"})))
        assert document["headers"] == [[name, "[redacted]"], [f"{name}-id", "7"]]

    def test_leaves_them_out_of_lists(self) -> None:
        """Lists of values are redacted one by one, whatever the case of the name."""
        event = {
            "httpMethod": "GET",
            "multiValueHeaders": {
                "COOKIE": [f"a={SECRET}; b={SECRET}", f"c={SECRET}"],
                "X-Api-Key": [SECRET, SECRET],
                "Authorization": [f"Basic {SECRET}", SECRET, f"{SECRET} x"],
            },
        }
        document = json.loads(invoke(event)["body"])
        assert SECRET not in json.dumps(document)
        assert document["cookies"] == [[name, "[redacted]"] for name in "abc"]
        assert document["headers"] == [
            ["COOKIE", "[redacted]"],
            ["COOKIE", "[redacted]"],
            ["X-Api-Key", "[redacted]"],
            ["X-Api-Key", "[redacted]"],
            ["Authorization", "Basic [redacted]"],
            ["Authorization", "[redacted]"],
            ["Authorization", "[redacted]"],
        ]

    def test_leaves_out_a_cookie_without_a_name(self) -> None:
        """What stands alone in a cookie is its value."""
        document = described(invoke(http(cookies=[SECRET, f"={SECRET}", "a="])))
        assert document["cookies"] == [["", "[redacted]"], ["", "[redacted]"], ["a", "[redacted]"]]

    def test_keeps_what_is_null(self) -> None:
        """A header with no value has none to hide."""
        document = described(invoke(http(headers={"authorization": None})))
        assert document["headers"] == [["authorization", None]]

    def test_keeps_what_is_not_secret(self) -> None:
        """A signature does not tell the secret, and some keys open nothing."""
        sent = {
            "x-hub-signature-256": "sha256=0",
            "idempotency-key": "7",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==",
            "surrogate-key": "a b",
        }
        document = described(invoke(http(headers=sent)))
        assert document["headers"] == [list(pair) for pair in sent.items()]

    def test_shows_the_query_and_the_body(self) -> None:
        """What a client writes into the query or the body comes back as it is."""
        document = described(invoke(http("token=abc", body="password=x")))
        assert document["query"] == [["token", "abc"]]
        assert document["body"] == "password=x"


class TestReveal:
    def test_shows_all_where_the_stack_says_so(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """With the parameter set, headers and cookies are shown as they came."""
        monkeypatch.setenv("ECHO_REVEAL", "true")
        event = sample("echo-function-url.json")
        document = described(invoke(event))
        assert ["authorization", event["headers"]["authorization"]] in document["headers"]
        assert document["cookies"] == [["session", "abc123"]]

    @pytest.mark.parametrize("said", ["false", "", "1", "True", "yes"])
    def test_takes_nothing_else_for_true(self, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Anything but `true` keeps secrets secret."""
        monkeypatch.setenv("ECHO_REVEAL", said)
        response = invoke(http(headers=headers("authorization")))
        assert SECRET not in response["body"]
