"""Secrets that a request carries, and how they are left out of its description."""

import os
import re
from collections.abc import Iterable
from typing import Any

from http_request import Pairs

REDACTED = "[redacted]"

# What stands before the credentials is no secret. https://www.iana.org/assignments/http-authschemes
SCHEMES = frozenset(("aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "negotiate"))

# Headers whose value lets its holder in, each with who says so.
SECRET_HEADERS = frozenset(
    (
        "authorization",  # https://httpwg.org/specs/rfc9110.html#field.authorization
        "proxy-authorization",  # https://httpwg.org/specs/rfc9110.html#field.proxy-authorization
        "cookie",  # https://httpwg.org/specs/rfc6265.html#cookie
        "set-cookie",  # https://httpwg.org/specs/rfc6265.html#set-cookie
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html
        "x-api-key",
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
        "x-amz-security-token",
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
        "x-amzn-oidc-accesstoken",
        "x-amzn-oidc-data",
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
        "x-amz-server-side-encryption-customer-key",
        "x-amz-copy-source-server-side-encryption-customer-key",
        # https://cloud.google.com/docs/authentication/api-keys-use
        "x-goog-api-key",
        # https://cloud.google.com/iap/docs/signed-headers-howto
        "x-goog-iap-jwt-assertion",
        # https://developers.cloudflare.com/cloudflare-one/identity/authorization-cookie/validating-json/
        "cf-access-jwt-assertion",
        # https://developers.cloudflare.com/cloudflare-one/identity/service-tokens/
        "cf-access-client-secret",
        # https://developers.cloudflare.com/fundamentals/api/get-started/keys/
        "x-auth-key",
        "api-key",  # https://learn.microsoft.com/azure/ai-services/openai/reference
        # https://learn.microsoft.com/azure/api-management/api-management-subscriptions
        "ocp-apim-subscription-key",
        # https://learn.microsoft.com/azure/azure-functions/function-keys-how-to
        "x-functions-key",
        # https://learn.microsoft.com/azure/app-service/configure-authentication-oauth-tokens
        "x-ms-token-aad-access-token",
        "x-ms-token-aad-id-token",
        "x-ms-token-aad-refresh-token",
        # https://docs.gitlab.com/api/rest/authentication/ and /user/project/integrations/webhooks/
        "private-token",
        "job-token",
        "x-gitlab-token",
        # https://core.telegram.org/bots/api#setwebhook
        "x-telegram-bot-api-secret-token",
        # https://shopify.dev/docs/api/usage/authentication
        "x-shopify-access-token",
        "x-vault-token",  # https://developer.hashicorp.com/vault/api-docs#authentication
        # https://docs.datadoghq.com/api/latest/authentication/
        "dd-api-key",
        "dd-application-key",
        "x-honeycomb-team",  # https://docs.honeycomb.io/send-data/opentelemetry/
        "x-sentry-auth",  # https://develop.sentry.dev/sdk/overview/#authentication
        "x-rapidapi-key",  # https://docs.rapidapi.com/docs/keys
        # https://docs.openstack.org/api-ref/identity/v3/
        "x-auth-token",
        "x-subject-token",
        # https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview/
        "x-forwarded-access-token",
        "x-auth-request-access-token",
        # https://docs.djangoproject.com/en/stable/howto/csrf/ and Rails, Angular likewise
        "x-csrf-token",
        "x-csrftoken",
        "x-xsrf-token",
    )
)

# So end the names of hundreds more, such as `X-Forwarded-Authorization` and `apikey`.
_SECRET_NAME = re.compile(r"(?:authorization|token|secret|password|api[-_]?key)$")


def reveals() -> bool:
    """Tell whether the stack's `Reveal` parameter has secrets shown."""
    return os.environ.get("ECHO_REVEAL") == "true"


def headers(sent: Iterable[tuple[str, str | None]]) -> list[tuple[str, str | None]]:
    """Leave out the values of secret headers; a known scheme of authorization stays."""
    return [(name, _value(name.lower(), value)) for name, value in sent]


def cookies(pairs: Pairs) -> Pairs:
    """Leave out the values of cookies, which are the same as the `Cookie` header's."""
    return [(name, REDACTED) for name, _ in pairs]


def members(context: dict[str, Any]) -> dict[str, Any]:
    """Leave out the values of what a Lambda authorizer passes on: none knows what they are."""
    return dict.fromkeys(context, REDACTED)


def _value(name: str, value: str | None) -> str | None:
    if value is None or not (name in SECRET_HEADERS or _SECRET_NAME.search(name)):
        return value
    scheme, space, _ = value.partition(" ")
    is_scheme = name.endswith("authorization") and space and scheme.lower() in SCHEMES
    return f"{scheme} {REDACTED}" if is_scheme else REDACTED
