"""REST API events, payload format 1.0, which an HTTP API can be asked for as well.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from typing import Any

import caller
import msgspec
from caller import Authorized, Caller, ClientCert, Cognito, Iam, Jwt
from http_answer import Answer, carried, lists
from http_request import Request, content, cookies, headers, single_values, values
from refusal import checked

MAX_ANSWER = 6 * 1024 * 1024
"""Bytes of a buffered answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

COMPRESSES = False
"""A REST API decodes base64 only for the binary media types that it is given. It compresses answers
itself where it has a minimum size to do so.
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gzip-compression-decompression.html"""

Lists = dict[str, list[str | None] | None]


class Identity(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`requestContext.identity`, as far as Echo reads it."""

    source_ip: str | None = None
    account_id: str | None = None
    user_arn: str | None = None
    user: str | None = None
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None
    client_cert: ClientCert | None = None
    api_key_id: str | None = None


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """`requestContext`, as far as Echo reads it."""

    stage: str | None = None
    identity: Identity | None = None
    authorizer: dict[str, Any] | None = None


class RestEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The event, as far as Echo reads it: others' format, so fields unknown here are let be."""

    version: str | None = None
    request_context: RequestContext | None = None
    http_method: str | None = None
    path: str | None = None
    query_string_parameters: dict[str, str | None] | None = None
    multi_value_query_string_parameters: Lists | None = None
    headers: dict[str, str | None] | None = None
    multi_value_headers: Lists | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


def recognises(event: object) -> bool:
    """Tell whether an event is of payload 1.0, well-formed or not; a balancer's is not."""
    if not isinstance(event, dict) or "httpMethod" not in event:
        return False
    context = event.get("requestContext")
    return not (isinstance(context, dict) and "elb" in context)


def read(event: object) -> Request:
    """Read the request that a recognised event carries. Any field of it may be null or absent.

    The query comes decoded and grouped by name, so of its order only that of a name's values is
    certain.

    Raises:
        Refusal: A field has another type than the format gives it, the body is not base64 though
            the event says so, or there is too much of the headers or the query.
    """
    known = checked(event, RestEvent)
    context = known.request_context or RequestContext()
    identity = context.identity or Identity()
    if known.multi_value_query_string_parameters is not None:
        query_at = "$.multiValueQueryStringParameters"
        query = values(known.multi_value_query_string_parameters, query_at)
    else:
        query_at = "$.queryStringParameters"
        query = single_values(known.query_string_parameters, query_at)
    sent = headers(known.headers, known.multi_value_headers)
    return Request(
        event_form="httpApiPayload1" if known.version == "1.0" else "restApi",
        method=known.http_method,
        path=known.path,
        stage=context.stage,
        query=query,
        query_at=query_at,
        headers=sent,
        cookies=cookies(sent),
        content=content(known.body, known.is_base64_encoded),
        source_ip=identity.source_ip,
        caller=_caller(identity, context.authorizer or {}),
    )


def reply(answer: Answer) -> dict[str, object]:
    """Return the response to send, each header with the list of its values."""
    body, is_base64 = carried(answer.content)
    return {
        "statusCode": answer.status,
        "multiValueHeaders": lists(answer.headers),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _caller(identity: Identity, sent: dict[str, Any]) -> Caller | None:
    # An HTTP API sends `claims` and `scopes` that are null for a route that nobody guards.
    authorizer = {name: value for name, value in sent.items() if value is not None}
    claims, scopes = authorizer.get("claims"), authorizer.get("scopes")
    jwt = authorized = None
    if isinstance(claims, dict):
        jwt = Jwt(claims=claims, scopes=scopes if isinstance(scopes, list) else None)
    elif authorizer:
        context = {name: value for name, value in authorizer.items() if name != "principalId"}
        principal = authorizer.get("principalId")
        authorized = Authorized(
            principal_id=principal if isinstance(principal, str) else None, context=context or None
        )
    return caller.known(
        iam=Iam(account_id=identity.account_id, user_arn=identity.user_arn, user_id=identity.user),
        jwt=jwt,
        cognito=Cognito(
            identity_id=identity.cognito_identity_id,
            identity_pool_id=identity.cognito_identity_pool_id,
        ),
        authorized=authorized,
        client_cert=identity.client_cert,
        api_key_id=identity.api_key_id,
    )
