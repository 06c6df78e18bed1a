"""HTTP API and Function URL events, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from typing import Any

import caller
import msgspec
from caller import Authorized, Caller, ClientCert, Cognito, Iam, Jwt
from http_answer import Answer, carried, single
from http_request import Request, content, headers, listed_cookies, parameters
from refusal import checked

MAX_ANSWER = 6 * 1024 * 1024
"""Bytes of a buffered answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

COMPRESSES = True
"""Whether an answer in base64 reaches the client as the bytes it stands for, whatever is set."""


class Http(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`requestContext.http`, as far as Echo reads it."""

    method: str | None = None
    source_ip: str | None = None


class Signer(Iam, frozen=True, kw_only=True):
    """`requestContext.authorizer.iam`, as far as Echo reads it."""

    cognito_identity: Cognito | None = None


class Authorizer(msgspec.Struct, frozen=True, kw_only=True):
    """`requestContext.authorizer`, as far as Echo reads it."""

    iam: Signer | None = None
    jwt: Jwt | None = None
    context: dict[str, Any] | None = msgspec.field(default=None, name="lambda")


class Authentication(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`requestContext.authentication`, as far as Echo reads it."""

    client_cert: ClientCert | None = None


class RequestContext(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`requestContext`, as far as Echo reads it."""

    http: Http | None = None
    domain_name: str | None = None
    stage: str | None = None
    authentication: Authentication | None = None
    authorizer: Authorizer | None = None


class HttpEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The event, as far as Echo reads it: others' format, so fields unknown here are let be."""

    request_context: RequestContext = RequestContext()
    raw_path: str | None = None
    raw_query_string: str | None = None
    headers: dict[str, str | None] | None = None
    cookies: list[str] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


def recognises(event: object) -> bool:
    """Tell whether an event is of payload 2.0, well-formed or not."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and "http" in context


def read(event: object) -> Request:
    """Read the request that a recognised event carries. Any field of it may be null or absent.

    Raises:
        Refusal: A field has another type than the format gives it, the body is not base64 though
            the event says so, or there is too much of the headers or the query.
    """
    known = checked(event, HttpEvent)
    context = known.request_context
    http = context.http or Http()
    # The id of a Function URL is random; what stands behind it is not.
    from_url = ".lambda-url." in (context.domain_name or "")
    return Request(
        event_form="functionUrl" if from_url else "httpApi",
        method=http.method,
        path=known.raw_path,
        stage=context.stage,
        query=parameters(known.raw_query_string or "", "$.rawQueryString"),
        query_at="$.rawQueryString",
        headers=headers(known.headers),
        cookies=listed_cookies(known.cookies),
        content=content(known.body, known.is_base64_encoded),
        source_ip=http.source_ip,
        caller=_caller(context.authentication, context.authorizer),
    )


def reply(answer: Answer) -> dict[str, object]:
    """Return the response to send: cookies apart, other headers of one name joined."""
    body, is_base64 = carried(answer.content)
    response: dict[str, object] = {
        "statusCode": answer.status,
        "headers": single(pair for pair in answer.headers if pair[0] != "set-cookie"),
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if cookies := [value for name, value in answer.headers if name == "set-cookie"]:
        response["cookies"] = cookies
    return response


def _caller(shown: Authentication | None, checked_by: Authorizer | None) -> Caller | None:
    authorizer = checked_by or Authorizer()
    context = authorizer.context
    authorized = None if context is None else Authorized(context=context)
    signer = authorizer.iam or Signer()
    return caller.known(
        iam=Iam(account_id=signer.account_id, user_arn=signer.user_arn, user_id=signer.user_id),
        jwt=authorizer.jwt,
        cognito=signer.cognito_identity,
        authorized=authorized,
        client_cert=shown.client_cert if shown else None,
    )
