"""ACME (RFC 8555): a certificate for names that an authority can look up, by HTTP (http-01).

All of it blocks and belongs in a thread. What the authority refuses is said in its own words.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

from gateway.operations import outward

WITHIN = 20.0  # seconds for one answer
WHOLE = 120.0  # seconds for an order
LONGEST = 256 * 1024  # bytes of an answer
PAUSE = 1.0  # seconds between two looks, where the authority asks for none
MOST_PAUSE = 15.0
BAD_NONCE = "urn:ietf:params:acme:error:badNonce"

Key = ec.EllipticCurvePrivateKey
Show = Callable[[str, str | None], None]
"""Shows this text under this token to the authority that comes and looks; None: no longer."""


class AcmeRefused(Exception):
    """The authority gives no certificate, or cannot be reached; the text says why."""


@dataclass(frozen=True, slots=True)
class _Answer:
    body: bytes
    headers: Mapping[str, str]

    @property
    def said(self) -> dict[str, Any]:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            raise AcmeRefused("the authority's answer is no JSON") from None
        if not isinstance(found, dict):
            raise AcmeRefused("the authority's answer is no JSON object")
        return found


class Acme:
    """One account at one authority; ``directory`` is an https address."""

    def __init__(
        self, directory: str, account: Key, trust: ssl.SSLContext, *, contact: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._directory_url = directory
        self._account = account
        self._contact = contact
        self._sleep = sleep
        handlers = (_Outward(trust), _NoRedirects)
        self._opener = urllib.request.build_opener(*handlers)
        self._nonce: str | None = None
        self._kid: str | None = None
        self._directory: dict[str, Any] = {}

    def certificate(self, names: Sequence[str], key: Key, show: Show) -> bytes:
        """A certificate for these host names with its chain, PEM; raises AcmeRefused."""
        self._sign_up()
        order = self._post(self._url("newOrder"), {"identifiers": [{"type": "dns", "value": name} for name in names]})
        where, said = _required(order.headers, "Location"), order.said
        deadline = time.monotonic() + WHOLE
        for each in said["authorizations"]:
            self._prove(each, show, deadline)
        request = x509.CertificateSigningRequestBuilder().subject_name(
            x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
        )
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        signed = request.add_extension(alternatives, critical=False).sign(key, hashes.SHA256())
        self._post(said["finalize"], {"csr": _b64(signed.public_bytes(serialization.Encoding.DER))})
        done = self._until(where, {"valid"}, deadline)
        return self._post(done["certificate"], None).body

    def _sign_up(self) -> None:
        if self._kid is not None:
            return
        self._directory = self._send(self._directory_url, None).said
        wanted: dict[str, Any] = {"termsOfServiceAgreed": True}
        if self._contact:
            wanted["contact"] = [self._contact]
        self._kid = _required(self._post(self._url("newAccount"), wanted).headers, "Location")

    def _prove(self, authorization: str, show: Show, deadline: float) -> None:
        """Shows that the name of an authorization leads to this house."""
        said = self._post(authorization, None).said
        if said["status"] == "valid":
            return
        name = said["identifier"]["value"]
        challenge = next((each for each in said["challenges"] if each["type"] == "http-01"), None)
        if challenge is None:
            raise AcmeRefused(f"{name}: the authority does not look by HTTP (http-01)")
        token = str(challenge["token"])
        show(token, f"{token}.{_b64(sha256(_canonical(self._jwk())).digest())}")
        try:
            self._post(challenge["url"], {})
            self._until(authorization, {"valid"}, deadline)
        finally:
            show(token, None)

    def _until(self, url: str, good: set[str], deadline: float) -> dict[str, Any]:
        while True:
            answer = self._post(url, None)
            said = answer.said
            if said["status"] in good:
                return said
            if said["status"] == "invalid":
                raise AcmeRefused(_why_invalid(said))
            if time.monotonic() > deadline:
                raise AcmeRefused("the authority did not come to an end in time")
            self._sleep(_pause(answer.headers))

    def _url(self, name: str) -> str:
        return str(_required(self._directory, name))

    # --- signed requests ---------------------------------------------------------------------------------------

    def _post(self, url: str, payload: Mapping[str, Any] | None) -> _Answer:
        """A signed request; with a payload of None one that only reads (POST-as-GET)."""
        for again in (True, False):
            try:
                return self._send(url, self._signed(url, payload))
            except _Problem as problem:
                if problem.kind != BAD_NONCE or not again:
                    raise AcmeRefused(str(problem)) from None
        raise AssertionError("unreachable")

    def _signed(self, url: str, payload: Mapping[str, Any] | None) -> bytes:
        if self._nonce is None:
            self._send(self._url("newNonce"), None)
        if self._nonce is None:
            raise AcmeRefused("the authority gives no nonce")
        head: dict[str, Any] = {"alg": "ES256", "nonce": self._nonce, "url": url}
        head |= {"kid": self._kid} if self._kid is not None else {"jwk": self._jwk()}
        self._nonce = None
        protected = _b64(json.dumps(head).encode())
        body = "" if payload is None else _b64(json.dumps(payload).encode())
        der = self._account.sign(f"{protected}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
        r, s = decode_dss_signature(der)
        signature = _b64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return json.dumps({"protected": protected, "payload": body, "signature": signature}).encode()

    def _jwk(self) -> dict[str, str]:
        numbers = self._account.public_key().public_numbers()
        return {
            "crv": "P-256",
            "kty": "EC",
            "x": _b64(numbers.x.to_bytes(32, "big")),
            "y": _b64(numbers.y.to_bytes(32, "big")),
        }

    def _send(self, url: str, body: bytes | None) -> _Answer:
        if not url.startswith("https://"):
            raise AcmeRefused(f"{url[:200]}: expected an https address")
        if _elsewhere(url, self._directory_url):
            raise AcmeRefused(f"{url[:200]}: the authority sends us to a machine that it has no name for")
        kind = {"Content-Type": "application/jose+json"} if body is not None else {}
        asked = urllib.request.Request(url, body, {"User-Agent": "moments", **kind})  # noqa: S310 - https, see above
        try:
            with self._opener.open(asked, timeout=WITHIN) as answer:
                self._nonce = answer.headers.get("Replay-Nonce") or self._nonce
                return _Answer(answer.read(LONGEST), dict(answer.headers.items()))
        except urllib.error.HTTPError as error:
            self._nonce = error.headers.get("Replay-Nonce") or self._nonce
            raise _problem(error) from None
        except (OSError, ValueError) as error:
            raise AcmeRefused(f"{url[:200]}: {getattr(error, 'reason', None) or error}") from None


class _Outward(urllib.request.HTTPSHandler):
    """HTTPS to other machines alone."""

    def __init__(self, trust: ssl.SSLContext) -> None:
        super().__init__(context=trust)
        self._trust = trust

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Opens it."""
        return self.do_open(outward.Secure, req, context=self._trust)  # type: ignore[arg-type]


def _elsewhere(url: str, directory: str) -> bool:
    """Whether an address is meant that is not the directory's own: an authority names its machines."""
    try:
        parts = urlsplit(url)
        return parts.netloc != urlsplit(directory).netloc and outward.is_address(parts.hostname or "localhost")
    except ValueError:
        return True


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


class _Problem(AcmeRefused):
    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


def _problem(error: urllib.error.HTTPError) -> _Problem:
    try:
        said = json.loads(error.read(LONGEST))
        kind, words = str(said.get("type", "")), str(said.get("detail", ""))
    except (ValueError, AttributeError, OSError, RecursionError):
        kind, words = "", ""
    return _Problem(kind, f"the authority refuses ({error.code}): {words or kind or error.reason}"[:500])


def _why_invalid(said: Mapping[str, Any]) -> str:
    faults = [each.get("error") for each in said.get("challenges", [])] + [said.get("error")]
    words = [str(each.get("detail") or each.get("type")) for each in faults if isinstance(each, dict)]
    name = said.get("identifier", {}).get("value", "the order")
    return f"{name}: the authority has looked and refuses: {'; '.join(words) or 'without a reason'}"[:500]


def _pause(headers: Mapping[str, str]) -> float:
    asked = headers.get("Retry-After", "")
    return min(float(asked), MOST_PAUSE) if asked.isdigit() else PAUSE


def _required(found: Mapping[str, Any], name: str) -> Any:
    if name not in found:
        raise AcmeRefused(f"the authority's answer has no {name}")
    return found[name]


def _canonical(jwk: Mapping[str, str]) -> bytes:
    return json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
