"""Echo: each form of HTTP event is read, and answered in its own form."""

import base64
import json
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import (
    LEAVES,
    TEXTS,
    VALUES,
    Context,
    Json,
    app,
    bad_request,
    described,
    http,
    invoke,
    sample,
)

ELB = {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:x"}}


def rest(**fields: object) -> Json:
    """Make a small REST API event."""
    return {"httpMethod": "GET", "requestContext": {"stage": "prod"}, **fields}


def balancer(**fields: object) -> Json:
    """Make a small event of a balancer."""
    return {"httpMethod": "GET", "requestContext": ELB, **fields}


def body(response: Json) -> Json:
    document: Json = json.loads(response["body"])
    return document


class TestForms:
    @pytest.mark.parametrize(
        ("name", "form"),
        [
            ("echo-http.json", "httpApi"),
            ("echo-function-url.json", "functionUrl"),
            ("echo-rest.json", "restApi"),
            ("echo-alb.json", "alb"),
            ("echo-alb-multi.json", "albMultiValue"),
        ],
    )
    def test_tells_the_form(self, name: str, form: str) -> None:
        """A description says in which form its request came."""
        assert body(invoke(sample(name)))["eventForm"] == form

    def test_tells_payload_1_of_an_http_api(self) -> None:
        """An HTTP API that sends payload 1.0 is told from a REST API by its version."""
        assert body(invoke(rest(version="1.0")))["eventForm"] == "httpApiPayload1"

    @pytest.mark.parametrize(
        "event", [{"requestContext": {}}, {"requestContext": None}, {"requestContext": {"x": 1}}]
    )
    def test_takes_others_for_messages(self, event: Json) -> None:
        """An event that has only the look of HTTP is a direct message."""
        detail = "Unknown field, expected only `message`"
        assert invoke(event) == bad_request(("$.requestContext", detail))

    @pytest.mark.parametrize("event", [rest(), balancer(), balancer(multiValueHeaders={})])
    @pytest.mark.parametrize("null", [True, False])
    def test_reads_bare_events(self, event: Json, null: bool) -> None:
        """Fields that are null and fields that are absent give the same description."""
        names = ["path", "queryStringParameters", "headers", "body", "isBase64Encoded"]
        document = body(invoke({**event, **(dict.fromkeys(names) if null else {})}))
        assert document["method"] == "GET"
        empty: Json = {"path": None, "query": [], "headers": [], "cookies": [], "body": None}
        assert {name: document[name] for name in empty} == empty
        assert document["sourceIp"] is None
        assert document["authorizer"] is None

    @pytest.mark.parametrize("event", [{"httpMethod": None}, rest(requestContext=None)])
    def test_reads_payload_1_without_a_context(self, event: Json) -> None:
        """A REST API event may lack its context."""
        assert body(invoke(event))["eventForm"] == "restApi"

    @pytest.mark.parametrize(
        ("event", "path", "detail"),
        [
            (rest(path=1), "$.path", "Expected `str | null`, got `int`"),
            (
                rest(multiValueHeaders={"a": "b"}),
                "$.multiValueHeaders.a",
                "Expected `array | null`, got `str`",
            ),
            (
                rest(requestContext={"identity": {"sourceIp": 1}}),
                "$.requestContext.identity.sourceIp",
                "Expected `str | null`, got `int`",
            ),
            (balancer(headers=[]), "$.headers", "Expected `object | null`, got `array`"),
            (
                balancer(multiValueHeaders={"x-id": ["a", 1]}),
                '$.multiValueHeaders["x-id"][1]',
                "Expected `str | null`, got `int`",
            ),
            (balancer(body="!", isBase64Encoded=True), "$.body", "Expected base64"),
            (
                balancer(headers={"a": "\ud800"}),
                "$.headers.a",
                "Expected Unicode text, got the lone surrogate U+D800 at index 0",
            ),
        ],
    )
    def test_refuses_malformed_events(self, event: Json, path: str, detail: str) -> None:
        """A field of a wrong type is a problem in the event's own form, with the exact path."""
        response = invoke(event)
        assert response["statusCode"] == 400
        assert body(response) == bad_request((path, detail))


class TestRestApi:
    def test_describes_a_request(self) -> None:
        """Repeated parameters and headers are all there; secrets and the API key are not."""
        document = body(invoke(sample("echo-rest.json")))
        assert document["path"] == "/echo/orders"
        assert document["stage"] == "prod"
        assert document["sourceIp"] == "203.0.113.7"
        assert document["query"] == [
            ["q", "café au lait"],
            ["tag", "b"],
            ["tag", "a"],
            ["status", "201"],
        ]
        assert document["headers"][:4] == [
            ["Accept", "text/plain"],
            ["Accept", "application/json"],
            ["Authorization", "Bearer [redacted]"],
            ["Content-Type", "application/json; charset=utf-8"],
        ]
        assert document["cookies"] == [["theme", "[redacted]"], ["session", "[redacted]"]]
        assert document["json"] == {"message": "Hello, world"}
        assert "EXAMPLEkey" not in json.dumps(document)

    def test_answers_with_lists(self) -> None:
        """Headers go out with the list of their values."""
        response = invoke(sample("echo-rest.json"))
        assert response.keys() == {"statusCode", "multiValueHeaders", "body", "isBase64Encoded"}
        assert response["statusCode"] == 201
        assert response["multiValueHeaders"]["content-type"] == ["application/json"]

    def test_falls_back_on_single_values(self) -> None:
        """Where the maps of lists are null, the others are read."""
        event = rest(
            headers={"a": "b"},
            multiValueHeaders=None,
            queryStringParameters={"c": "d", "e": None},
            multiValueQueryStringParameters=None,
        )
        document = body(invoke(event))
        assert document["headers"] == [["a", "b"]]
        assert document["query"] == [["c", "d"], ["e", ""]]

    def test_reads_null_lists(self) -> None:
        """A list may be null, and so may a value in one."""
        event = rest(
            multiValueHeaders={"a": None, "b": [None, "c"]},
            multiValueQueryStringParameters={"d": None, "e": [None, "f"]},
        )
        document = body(invoke(event))
        assert document["headers"] == [["a", None], ["b", None], ["b", "c"]]
        assert document["query"] == [["e", ""], ["e", "f"]]

    def test_names_modifiers_where_the_event_has_them(self) -> None:
        """A bad modifier's path leads to it in the event."""
        event = rest(multiValueQueryStringParameters={"status": ["6"]})
        detail = "Expected a status from 100 to 599, or several such as 200:9,503"
        path = "$.multiValueQueryStringParameters.status"
        assert body(invoke(event)) == bad_request((path, f'{detail}, got "6"'))


class TestLoadBalancer:
    def test_decodes_the_query(self) -> None:
        """A balancer leaves its query percent-encoded."""
        assert body(invoke(sample("echo-alb.json")))["query"] == [
            ["q", "café au lait"],
            ["tag", "a"],
        ]

    def test_answers_in_the_same_form(self) -> None:
        """Single values get single values, lists get lists, and both a status in words."""
        single, lists = (invoke(sample(f"echo-alb{name}.json")) for name in ("", "-multi"))
        assert single.keys() == {
            "statusCode",
            "statusDescription",
            "headers",
            "body",
            "isBase64Encoded",
        }
        assert single["statusDescription"] == "200 OK"
        assert lists["statusDescription"] == "418 I'm a Teapot"
        assert "headers" not in lists
        assert lists["multiValueHeaders"]["set-cookie"] == ["a=1; Path=/echo", "b=2; Path=/echo"]

    def test_describes_unknown_statuses(self) -> None:
        """A status without a name has a description as well."""
        event = balancer(queryStringParameters={"status": "299"})
        assert invoke(event)["statusDescription"] == "299 Unknown"

    @pytest.mark.parametrize(
        "lists", [{"multiValueHeaders": {}}, {"multiValueQueryStringParameters": {"a": ["b"]}}]
    )
    def test_tells_lists_by_either_map(self, lists: Json) -> None:
        """One map of lists is enough, and problems go out in that form too."""
        assert "multiValueHeaders" in invoke(balancer(**lists))
        assert "multiValueHeaders" in invoke(balancer(**lists, path=1))

    def test_takes_the_address_that_the_balancer_saw(self) -> None:
        """What a client writes into `X-Forwarded-For` stands before what the balancer adds."""
        assert body(invoke(sample("echo-alb-multi.json")))["sourceIp"] == "203.0.113.7"

    @pytest.mark.parametrize(
        ("sent", "address"),
        [
            ("192.0.2.1, 203.0.113.7:40612", "203.0.113.7"),
            ("[2001:db8::7]:40612", "2001:db8::7"),
            ("2001:db8::7", "2001:db8::7"),
            ("192.0.2.1, ", None),
        ],
    )
    def test_leaves_out_the_port(self, sent: str, address: str | None) -> None:
        """A balancer that preserves the client's port writes it behind the address."""
        headers = {"X-Forwarded-For": sent}
        assert body(invoke(balancer(headers=headers)))["sourceIp"] == address

    def test_answers_at_most_a_megabyte(self) -> None:
        """A balancer passes 1 MB on; a larger answer is a 413 of the function's own."""
        response = invoke(balancer(body="x" * 1_000_000))
        assert response["statusCode"] == 413
        assert response["statusDescription"].startswith("413 ")
        assert body(response)["title"] == "Content Too Large"

    @pytest.mark.parametrize(
        ("fields", "path", "detail"),
        [
            (
                {"queryStringParameters": {str(number): "" for number in range(1_001)}},
                "$.queryStringParameters",
                "Expected at most 1000 parameters, got 1001",
            ),
            (
                {"multiValueQueryStringParameters": {"a": [None] * 1_001}},
                "$.multiValueQueryStringParameters",
                "Expected at most 1000 parameters, got 1001",
            ),
            (
                {"queryStringParameters": {"a": "%41" * 30_000}},
                "$.queryStringParameters",
                "Expected at most 65536 characters, got 90002",
            ),
        ],
        ids=["many", "many in lists", "long"],
    )
    def test_refuses_large_queries(self, fields: Json, path: str, detail: str) -> None:
        """A query that no balancer carries is not taken apart."""
        assert body(invoke(balancer(**fields))) == bad_request((path, detail))


class TestAuthorizer:
    def test_names_who_signed(self) -> None:
        """A Function URL says who has signed the request; the access key stays out."""
        document = described(invoke(sample("echo-function-url.json")))
        assert document["authorizer"] == {
            "iam": {
                "accessKey": "[redacted]",
                "accountId": "123456789012",
                "callerId": "AIDACKCEVSQ6C2EXAMPLE",
                "cognitoIdentity": None,
                "principalOrgId": "o-exampleorgid",
                "userArn": "arn:aws:iam::123456789012:user/alice",
                "userId": "AIDACKCEVSQ6C2EXAMPLE",
            }
        }
        assert "AKIA" not in json.dumps(document)

    def test_shows_the_claims_of_a_token(self) -> None:
        """A JWT authorizer's claims and scopes are shown."""
        jwt = {"claims": {"sub": "alice", "exp": "1"}, "scopes": ["read"]}
        context = {"http": {"method": "GET"}, "authorizer": {"jwt": jwt}}
        assert described(invoke(http(requestContext=context)))["authorizer"] == {"jwt": jwt}

    def test_shows_the_claims_of_a_user_pool(self) -> None:
        """A REST API's Cognito authorizer has them without a name around them."""
        authorizer = body(invoke(sample("echo-rest.json")))["authorizer"]
        assert authorizer["claims"]["token_use"] == "id"

    def test_passes_null_claims_on(self) -> None:
        """An open route of an HTTP API that sends payload 1.0 has claims that are null."""
        context = {"authorizer": {"claims": None, "scopes": None}}
        document = body(invoke(rest(version="1.0", requestContext=context)))
        assert document["authorizer"] == {"claims": None, "scopes": None}

    @pytest.mark.parametrize("name", ["jwt", "iam", "lambda", "token", "integrationLatency"])
    def test_hides_what_a_function_passes_on(self, name: str) -> None:
        """What a Lambda authorizer passes on may be secret, whatever it is called."""
        authorizer = {"principalId": "alice", name: "s3cret"}
        document = body(invoke(rest(requestContext={"authorizer": authorizer})))
        assert document["authorizer"] == {"principalId": "alice", name: "[redacted]"}
        passed_on = {"lambda": {name: {"deep": "s3cret"}, "claims": "s3cret", "userId": "s3cret"}}
        document = described(invoke(http(requestContext={"http": {}, "authorizer": passed_on})))
        hidden = {name: "[redacted]", "claims": "[redacted]", "userId": "[redacted]"}
        assert document["authorizer"] == {"lambda": hidden}

    def test_reveals_what_an_authorizer_passes_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where the stack reveals secrets, that is shown as well."""
        monkeypatch.setenv("ECHO_REVEAL", "true")
        authorizer = {"lambda": {"token": {"deep": ["s3cret"]}}}
        document = described(invoke(http(requestContext={"http": {}, "authorizer": authorizer})))
        assert document["authorizer"] == authorizer

    def test_leaves_the_tokens_of_a_sign_in_out(self) -> None:
        """Whom a balancer had sign in is in its headers, without the tokens."""
        document = body(invoke(sample("echo-alb-multi.json")))
        assert ["x-amzn-oidc-identity", "alice"] in document["headers"]
        assert ["x-amzn-oidc-accesstoken", "[redacted]"] in document["headers"]

    @pytest.mark.parametrize(
        "levels", [100, 900, 950, 980, 1_000, 50_000], ids=lambda levels: f"{levels} levels"
    )
    @pytest.mark.parametrize("name", ["claims", "jwt", "lambda"])
    def test_reads_an_authorizer_of_any_depth(self, name: str, levels: int) -> None:
        """Claims nested too deeply for an answer are refused, never an error."""
        deep: object = "x"
        for _ in range(levels):
            deep = {name: deep}
        event = http(requestContext={"http": {}, "authorizer": {"jwt": {"claims": deep}}})
        response = app().handler(event, Context())
        assert response["statusCode"] in (200, 400)
        if response["statusCode"] == 400:
            detail = "Expected values that are less deeply nested, and numbers of at most 4300"
            assert body(response)["errors"] == [{"path": "$", "detail": f"{detail} digits"}]
        if levels == 50_000:
            assert response["statusCode"] == 400


LISTS = st.dictionaries(TEXTS, st.none() | st.lists(TEXTS | st.none(), max_size=3), max_size=3)
SINGLE = st.dictionaries(TEXTS, TEXTS | st.none(), max_size=3)
BODIES = {"body": LEAVES, "isBase64Encoded": st.booleans() | LEAVES}
MODIFIERS = st.sampled_from(["status", "header", "body", "raw", "delay"])
QUERIES = st.dictionaries(
    MODIFIERS | TEXTS, TEXTS | st.sampled_from(["404", "200,404:2", "0.001"]), max_size=3
)
PAYLOAD_1 = st.fixed_dictionaries(
    {"httpMethod": LEAVES | st.sampled_from(["GET", "HEAD", "POST"])},
    optional={
        "requestContext": st.just(ELB)
        | VALUES
        | st.fixed_dictionaries({}, optional={"identity": VALUES, "authorizer": VALUES}),
        "path": LEAVES | st.just("/echo"),
        "headers": VALUES | SINGLE,
        "multiValueHeaders": VALUES | LISTS,
        "queryStringParameters": VALUES | QUERIES,
        "multiValueQueryStringParameters": VALUES | LISTS,
        **BODIES,
    },
)
PAYLOAD_2 = st.fixed_dictionaries(
    {
        "version": st.just("2.0"),
        "requestContext": st.fixed_dictionaries(
            {"http": VALUES | st.fixed_dictionaries({}, optional={"method": VALUES})},
            optional={
                "domainName": LEAVES,
                "stage": LEAVES,
                "authorizer": VALUES
                | st.fixed_dictionaries(
                    {}, optional={"jwt": VALUES, "iam": VALUES, "lambda": VALUES}
                ),
            },
        ),
    },
    optional={
        "rawQueryString": LEAVES
        | QUERIES.map(
            lambda pairs: "&".join(
                f"{quote_plus(name, errors='replace')}={quote_plus(value, errors='replace')}"
                for name, value in pairs.items()
            )
        ),
        "headers": VALUES | SINGLE,
        "cookies": VALUES,
        **BODIES,
    },
)


class TestAnyEvent:
    @settings(deadline=None)
    @given(event=PAYLOAD_1 | PAYLOAD_2)
    def test_answers_in_the_events_form(self, event: Json) -> None:
        """Whatever an event holds, its answer is a response in its own form, and no 5xx."""
        response = invoke(event)
        context = event.get("requestContext")
        is_balancer = isinstance(context, dict) and "elb" in context
        has_lists = any(
            event.get(name) is not None
            for name in ("multiValueHeaders", "multiValueQueryStringParameters")
        )
        is_single = "version" in event or (is_balancer and not has_lists)
        assert ("headers" in response) is is_single
        assert ("multiValueHeaders" in response) is not is_single
        assert ("statusDescription" in response) is is_balancer
        assert 100 <= response["statusCode"] <= 499
        headers = response["headers"] if is_single else response["multiValueHeaders"]
        for name, value in headers.items():
            assert name == name.lower()
            assert all(isinstance(one, str) for one in ([value] if is_single else value))
        assert headers["x-content-type-options"] in ("nosniff", ["nosniff"])
        if response["isBase64Encoded"]:
            base64.b64decode(response["body"], validate=True)
