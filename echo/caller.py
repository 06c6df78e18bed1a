"""Who called, as far as an event says: what API Gateway, a Function URL or a balancer has checked.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
"""

from typing import Any

import msgspec


class _Known(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What of an identity the event has; the rest is left out."""


class Iam(_Known, frozen=True, kw_only=True):
    """Who signed the request, as AWS Signature Version 4 has shown.

    Attributes:
        account_id: Of the signer.
        user_arn: Of the user or of the role's session.
        user_id: Of the user.
    """

    account_id: str | None = None
    user_arn: str | None = None
    user_id: str | None = None


class Jwt(_Known, frozen=True, kw_only=True):
    """A token that a JWT authorizer or a Cognito user pool has checked.

    Attributes:
        claims: As the event has them.
        scopes: What of the token's the route asks for.
    """

    claims: dict[str, Any] | None = None
    scopes: list[str] | None = None


class Cognito(_Known, frozen=True, kw_only=True):
    """Who a Cognito identity pool says it is.

    Attributes:
        identity_id: In the pool.
        identity_pool_id: The pool.
    """

    identity_id: str | None = None
    identity_pool_id: str | None = None


class Authorized(_Known, frozen=True, kw_only=True):
    """What a Lambda authorizer has answered.

    Attributes:
        principal_id: Whom it has let in.
        context: What else it passes on.
    """

    principal_id: str | None = None
    context: dict[str, Any] | None = None


class Oidc(_Known, frozen=True, kw_only=True):
    """Whom a balancer has had sign in.

    Attributes:
        subject: The `sub` of the user, from `x-amzn-oidc-identity`.
    """

    subject: str | None = None


class ClientCert(_Known, frozen=True, kw_only=True):
    """The certificate of a client, which an API with mutual TLS has checked; by the event's names.

    Attributes:
        subject_dn: Whose it is.
        issuer_dn: Who has signed it.
        serial_number: That the issuer has given it.
    """

    subject_dn: str | None = msgspec.field(default=None, name="subjectDN")
    issuer_dn: str | None = msgspec.field(default=None, name="issuerDN")
    serial_number: str | None = None


class Caller(_Known, frozen=True, kw_only=True):
    """Every identity that an event has.

    Attributes:
        iam: See `Iam`.
        jwt: See `Jwt`.
        cognito: See `Cognito`.
        authorized: See `Authorized`; `lambda` in JSON, as events call it.
        oidc: See `Oidc`.
        client_cert: See `ClientCert`.
        api_key_id: The id of the key of a usage plan. The key itself is never shown.
    """

    iam: Iam | None = None
    jwt: Jwt | None = None
    cognito: Cognito | None = None
    authorized: Authorized | None = msgspec.field(default=None, name="lambda")
    oidc: Oidc | None = None
    client_cert: ClientCert | None = None
    api_key_id: str | None = None


def known(
    *,
    iam: Iam | None = None,
    jwt: Jwt | None = None,
    cognito: Cognito | None = None,
    authorized: Authorized | None = None,
    oidc: Oidc | None = None,
    client_cert: ClientCert | None = None,
    api_key_id: str | None = None,
) -> Caller | None:
    """Gather identities; those that say nothing are left out, and None is returned for none."""
    caller = Caller(
        iam=iam if iam != Iam() else None,
        jwt=jwt if jwt != Jwt() else None,
        cognito=cognito if cognito != Cognito() else None,
        authorized=authorized if authorized != Authorized() else None,
        oidc=oidc if oidc != Oidc() else None,
        client_cert=client_cert if client_cert != ClientCert() else None,
        api_key_id=api_key_id,
    )
    return caller if caller != Caller() else None
