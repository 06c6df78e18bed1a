"""Echo: signatures of webhooks, each scheme's, and why one is not valid."""

import base64
import hashlib
import hmac
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import Json, described, http, invoke, sample

BODY = '{"id": "évt_1"}'
SECRET = "whsec_" + base64.b64encode(b"a secret of 24 bytes ...").decode()
SCHEMES = ["github", "stripe", "svix", "generic"]
ANOTHER = "The signature is another one: a different secret, or a changed body"


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret that the stack has."""
    monkeypatch.setenv("ECHO_WEBHOOK_SECRET", SECRET)


def hexadecimal(signed: bytes, key: str = SECRET) -> str:
    return hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()


def signed(scheme: str, content: bytes = BODY.encode(), age: int = 0) -> dict[str, str]:
    """The headers with which a sender signs a body, as its documentation says."""
    seconds = str(int(time.time()) - age)
    if scheme == "github":
        return {"x-hub-signature-256": f"sha256={hexadecimal(content)}"}
    if scheme == "stripe":
        signature = hexadecimal(f"{seconds}.".encode() + content)
        return {"stripe-signature": f"t={seconds},v1={signature},v0={'0' * 64}"}
    if scheme == "svix":
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        digest = hmac.digest(key, f"msg_1.{seconds}.".encode() + content, hashlib.sha256)
        signature = base64.b64encode(digest).decode()
        names = ("svix-id", "svix-timestamp", "svix-signature")
        other = base64.b64encode(b"0" * 32).decode()
        return dict(zip(names, ("msg_1", seconds, f"v1,{other} v1,{signature}"), strict=True))
    signature = hexadecimal(f"{seconds}.".encode() + content)
    return {"x-timestamp": seconds, "x-signature": signature}


def verified(scheme: str, headers: dict[str, str], body: str = BODY) -> Json:
    """Send a webhook; return what is said of its signature."""
    event = http(f"verify={scheme}", method="POST", headers=headers, body=body)
    response = invoke(event)
    status = response["statusCode"]
    signature: Json = described(response, status)["signature"]
    assert signature["scheme"] == scheme
    assert signature["valid"] is (status == 200)
    assert status in (200, 401)
    return signature


def reason(scheme: str, headers: dict[str, str], body: str = BODY) -> str:
    """Send a webhook whose signature is not valid; return why."""
    found = verified(scheme, headers, body)
    assert found["valid"] is False
    return str(found["reason"])


class TestEveryScheme:
    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_accepts_a_signature(self, scheme: str) -> None:
        """What the holder of the secret has signed is valid."""
        assert verified(scheme, signed(scheme)) == {
            "scheme": scheme,
            "valid": True,
            "reason": None,
        }

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_signs_the_bytes(self, scheme: str) -> None:
        """The raw bytes are signed, be they text or not."""
        content = bytes(range(256))
        body = base64.b64encode(content).decode()
        event = http(
            f"verify={scheme}",
            method="POST",
            headers=signed(scheme, content),
            body=body,
            isBase64Encoded=True,
        )
        assert described(invoke(event))["signature"]["valid"] is True

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_signs_no_body(self, scheme: str) -> None:
        """No body is signed as an empty one."""
        event = http(f"verify={scheme}", headers=signed(scheme, b""))
        assert described(invoke(event))["signature"]["valid"] is True

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_refuses_a_changed_body(self, scheme: str) -> None:
        """A body that was changed has another signature."""
        assert reason(scheme, signed(scheme), BODY + " ") == ANOTHER

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_refuses_another_secret(self, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Who has another secret is not the sender."""
        headers = signed(scheme)
        other = "whsec_" + base64.b64encode(b"another").decode()
        monkeypatch.setenv("ECHO_WEBHOOK_SECRET", other)
        assert reason(scheme, headers) == ANOTHER

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_says_that_no_secret_is_set(self, scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a secret no signature is valid, not even one with an empty secret."""
        headers = {"x-hub-signature-256": f"sha256={hexadecimal(BODY.encode(), '')}"}
        for value in (None, ""):
            if value is None:
                monkeypatch.delenv("ECHO_WEBHOOK_SECRET")
            else:
                monkeypatch.setenv("ECHO_WEBHOOK_SECRET", value)
            said = reason(scheme, {**signed(scheme), **headers})
            assert said == "No secret is set: give the stack a WebhookSecret"

    @pytest.mark.parametrize(
        ("scheme", "name"),
        [
            ("github", "x-hub-signature-256"),
            ("stripe", "stripe-signature"),
            ("svix", "svix-id"),
            ("svix", "svix-timestamp"),
            ("svix", "svix-signature"),
            ("generic", "x-signature"),
        ],
    )
    def test_says_which_header_is_missing(self, scheme: str, name: str) -> None:
        """A header that is missing is named."""
        headers = {key: value for key, value in signed(scheme).items() if key != name}
        assert reason(scheme, headers) == f"The request has no header {name}"

    @pytest.mark.parametrize("scheme", ["stripe", "svix", "generic"])
    @pytest.mark.parametrize(("age", "way"), [(310, "old"), (-310, "new")])
    def test_refuses_another_time(self, scheme: str, age: int, way: str) -> None:
        """What was signed more than five minutes from now is not valid, though well signed."""
        said = reason(scheme, signed(scheme, age=age))
        assert said.startswith("The time ")
        assert said.endswith(f" is too {way}: more than 300 seconds from now")

    @pytest.mark.parametrize("scheme", ["stripe", "svix", "generic"])
    @pytest.mark.parametrize("age", [290, -290])
    def test_accepts_a_time_near(self, scheme: str, age: int) -> None:
        """Clocks differ, and the post takes its time."""
        assert verified(scheme, signed(scheme, age=age))["valid"] is True

    @pytest.mark.parametrize("scheme", SCHEMES)
    @settings(deadline=None)
    @given(value=st.text(max_size=100))
    def test_reads_any_header(self, scheme: str, value: str) -> None:
        """No header raises, nor is one valid by chance."""
        headers = dict.fromkeys([*signed(scheme), "webhook-signature"], value)
        assert verified(scheme, headers)["valid"] is False

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_tells_no_signature(self, scheme: str) -> None:
        """Who sends a wrong signature is not told the right one."""
        right = signed(scheme)
        wrong = {name: value.replace("1", "2") for name, value in right.items()}
        event = http(f"verify={scheme}", method="POST", headers=wrong, body=BODY)
        assert hexadecimal(BODY.encode()) not in invoke(event)["body"]


class TestGithub:
    def test_verifies_the_documented_example(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """GitHub's documentation gives a secret, a payload and their signature."""
        monkeypatch.setenv("ECHO_WEBHOOK_SECRET", "It's a Secret to Everybody")
        event = sample("echo-webhook-github.json")
        assert event["headers"]["x-hub-signature-256"] == (
            "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
        )
        assert described(invoke(event))["signature"]["valid"] is True

    @pytest.mark.parametrize("value", ["x", "sha1=" + "0" * 64, "sha256=" + "0" * 63, "0" * 64])
    def test_says_what_is_malformed(self, value: str) -> None:
        """What is no such signature is told from a wrong one."""
        assert reason("github", {"x-hub-signature-256": value}) == (
            "The header x-hub-signature-256 is malformed: "
            "expected sha256= and 64 hexadecimal digits"
        )


class TestStripe:
    @pytest.mark.parametrize(
        "value",
        [
            "x",
            "t=1",
            "v1=" + "0" * 64,
            "t=1,v1=0",
            f"t=1,t=2,v1={'0' * 64}",
            f"t=1,v0={'0' * 64}",
        ],
    )
    def test_says_what_is_malformed(self, value: str) -> None:
        """A header has one time, and at least one signature of version 1."""
        assert reason("stripe", {"stripe-signature": value}) == (
            "The header stripe-signature is malformed: "
            "expected t=SECONDS and v1= with 64 hexadecimal digits"
        )

    def test_says_that_a_time_is_none(self) -> None:
        """A time is a number of seconds."""
        assert reason("stripe", {"stripe-signature": f"t=soon,v1={'0' * 64}"}) == (
            "The header stripe-signature is malformed: expected a time in seconds since 1970"
        )

    def test_accepts_one_of_two_signatures(self) -> None:
        """While a secret is rolled, a request is signed with both."""
        header = signed("stripe")["stripe-signature"]
        seconds, rest = header.split(",", 1)
        both = f"{seconds},v1={'0' * 64},{rest}"
        assert verified("stripe", {"stripe-signature": both})["valid"] is True

    def test_compares_so_many_signatures(self) -> None:
        """A request with very many signatures is not compared with each."""
        many = f"t={int(time.time())}" + f",v1={'0' * 64}" * 17
        said = reason("stripe", {"stripe-signature": many})
        assert said == "The request has more than 16 signatures"


class TestSvix:
    def test_accepts_standard_webhooks(self) -> None:
        """Standard Webhooks have the same signatures by other names."""
        headers = {name.replace("svix", "webhook"): v for name, v in signed("svix").items()}
        assert verified("svix", headers)["valid"] is True

    @pytest.mark.parametrize("value", ["x", "v1,!", "v2,YQ==", "v1", ","])
    def test_says_what_is_malformed(self, value: str) -> None:
        """A signature is base64 behind its version."""
        said = reason("svix", {**signed("svix"), "svix-signature": value})
        assert said == (
            "The header svix-signature is malformed: expected v1, and the signature in base64"
        )

    @pytest.mark.parametrize("secret", ["whsec_!", "whsec_", "plain text"])
    def test_says_that_the_secret_is_none(
        self, secret: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A secret of this scheme is base64, and not empty."""
        headers = signed("svix")
        monkeypatch.setenv("ECHO_WEBHOOK_SECRET", secret)
        assert reason("svix", headers) == (
            "The secret that is set is none of this scheme: expected whsec_ and base64"
        )


class TestGeneric:
    @pytest.mark.parametrize("prefix", ["", "sha256="])
    def test_needs_no_time(self, prefix: str) -> None:
        """A sender that signs the body alone is verified as well."""
        headers = {"X-Signature": prefix + hexadecimal(BODY.encode()).upper()}
        assert verified("generic", headers)["valid"] is True

    def test_keeps_the_time_signed(self) -> None:
        """A signature with a time is not valid without it, nor with another."""
        headers = signed("generic")
        assert reason("generic", {"x-signature": headers["x-signature"]}) == ANOTHER
        later = str(int(headers["x-timestamp"]) + 1)
        assert reason("generic", {**headers, "x-timestamp": later}) == ANOTHER
        moved = f"{headers['x-timestamp']}.{BODY}"
        assert reason("generic", {"x-signature": headers["x-signature"]}, moved) == (
            "The body begins with SECONDS. and the request has no header x-timestamp"
        )

    @pytest.mark.parametrize("value", ["x", "sha256=", "sha512=" + "0" * 64, "0" * 65])
    def test_says_what_is_malformed(self, value: str) -> None:
        """A signature has 64 hexadecimal digits."""
        assert reason("generic", {"x-signature": value}) == (
            "The header x-signature is malformed: expected 64 hexadecimal digits"
        )


def test_takes_a_secret_that_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret is bytes: those that are not UTF-8 serve as well."""
    monkeypatch.setenv("ECHO_WEBHOOK_SECRET", "\udcff")
    signature = hmac.new(b"\xff", BODY.encode(), hashlib.sha256).hexdigest()
    assert verified("github", {"x-hub-signature-256": f"sha256={signature}"})["valid"] is True


def test_goes_with_a_status() -> None:
    """A status that is asked for stands, whatever the signature; raw answers tell by theirs."""
    event = http("verify=github&status=202", method="POST", body=BODY)
    assert described(invoke(event), 202)["signature"]["valid"] is False
    assert invoke(http("verify=github&raw", body=BODY))["statusCode"] == 401
