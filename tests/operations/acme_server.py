"""An ACME authority for tests: RFC 8555 with ES256 and http-01, which really comes and looks."""

from __future__ import annotations

import base64
import json
import secrets
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.certificates import Paper

PROBLEM = "urn:ietf:params:acme:error:"


class Refused(Exception):
    """What the authority answers: a kind of problem, and why."""


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class AcmeServer:
    """The authority; ``look_at`` is where it finds the house, whatever a name's address is."""

    def __init__(self, paper: Paper, look_at: str = "http://127.0.0.2:1") -> None:
        self.look_at = look_at
        self.days = 90
        self.asked: list[str] = []
        self.stale_nonces = 0  # so many requests are refused for their nonce
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test ACME")])
        self.root = self._certificate(self.name, self.key.public_key(), ca=True)
        self._nonces: set[str] = set()
        self._accounts: dict[str, dict[str, str]] = {}
        self._orders: dict[str, dict[str, Any]] = {}
        self._proofs: dict[str, dict[str, Any]] = {}
        self._issued: dict[str, bytes] = {}
        server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(paper.cert, paper.key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        self._server = server
        self.url = f"https://127.0.0.1:{server.server_address[1]}"

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of its directory, while it serves."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{self.url}/directory"
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()

    @property
    def root_der(self) -> bytes:
        return self.root.public_bytes(serialization.Encoding.DER)

    # --- what it answers ----------------------------------------------------------------------------------------

    def answer(self, path: str, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        self.asked.append(path)
        if body is None:
            names = {"newNonce": "/nonce", "newAccount": "/account", "newOrder": "/order"}
            found = {key: self.url + each for key, each in names.items()} if path == "/directory" else {}
            return 200, {}, json.dumps(found).encode()
        account, payload = self._verified(path, json.loads(body))
        _, kind, *ids = path.split("/")
        if kind == "account":
            return 201, {"Location": f"{self.url}/account/{account}"}, b"{}"
        if kind == "order" and not ids:
            return self._new_order(payload)
        if kind == "order":
            return 200, {}, json.dumps(self._order(ids[0])).encode()
        if kind == "proof":
            return 200, {}, json.dumps(self._proofs[ids[0]]["said"]).encode()
        if kind == "look":
            self._look(ids[0], account)
            return 200, {}, b"{}"
        if kind == "finalize":
            return 200, {}, json.dumps(self._finalize(ids[0], payload)).encode()
        return 200, {"Content-Type": "application/pem-certificate-chain"}, self._issued[ids[0]]

    def _verified(self, path: str, jws: dict[str, str]) -> tuple[str, dict[str, Any]]:
        head = json.loads(raw(jws["protected"]))
        if head["nonce"] not in self._nonces or self.stale_nonces > 0:
            self.stale_nonces -= 1
            raise Refused("badNonce", "that nonce is none of ours")
        self._nonces.discard(head["nonce"])
        if head["url"] != self.url + path or head["alg"] != "ES256":
            raise Refused("unauthorized", "signed for another address")
        jwk = head.get("jwk") or self._accounts[head["kid"].rpartition("/")[2]]
        numbers = ec.EllipticCurvePublicNumbers(
            int.from_bytes(raw(jwk["x"]), "big"), int.from_bytes(raw(jwk["y"]), "big"), ec.SECP256R1()
        )
        signature = raw(jws["signature"])
        der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
        try:
            signed = f"{jws['protected']}.{jws['payload']}".encode()
            numbers.public_key().verify(der, signed, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise Refused("malformed", "the signature does not hold") from None
        print_ = base64.urlsafe_b64encode(
            sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest()
        ).decode().rstrip("=")  # fmt: skip
        self._accounts[print_] = jwk
        return print_, json.loads(raw(jws["payload"]) or b"{}")

    def _new_order(self, payload: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        id_ = secrets.token_hex(4)
        proofs = []
        for identifier in payload["identifiers"]:
            if identifier["value"].endswith(".invalid"):
                raise Refused("rejectedIdentifier", f"{identifier['value']} is not a name that we vouch for")
            proof = secrets.token_hex(4)
            challenge = {"type": "http-01", "url": f"{self.url}/look/{proof}", "token": secrets.token_urlsafe(16)}
            said = {"identifier": identifier, "status": "pending", "challenges": [challenge]}
            self._proofs[proof] = {"said": said}
            proofs.append(proof)
        self._orders[id_] = {"proofs": proofs, "names": [each["value"] for each in payload["identifiers"]]}
        return 201, {"Location": f"{self.url}/order/{id_}"}, json.dumps(self._order(id_)).encode()

    def _order(self, id_: str) -> dict[str, Any]:
        order = self._orders[id_]
        said = {
            "status": "valid" if id_ in self._issued else "pending",
            "authorizations": [f"{self.url}/proof/{each}" for each in order["proofs"]],
            "finalize": f"{self.url}/finalize/{id_}",
        }
        return said | ({"certificate": f"{self.url}/certificate/{id_}"} if id_ in self._issued else {})

    def _look(self, id_: str, account: str) -> None:
        said = self._proofs[id_]["said"]
        challenge = said["challenges"][0]
        asked = urllib.request.Request(
            f"{self.look_at}/.well-known/acme-challenge/{challenge['token']}",
            headers={"Host": said["identifier"]["value"]},
        )
        try:
            with urllib.request.urlopen(asked, timeout=40) as answer:
                found = answer.read().decode()
        except OSError as error:
            found = str(error)
        good = found == f"{challenge['token']}.{account}"
        said["status"] = "valid" if good else "invalid"
        if not good:
            challenge["error"] = {"type": f"{PROBLEM}unauthorized", "detail": f"there stands {found[:60]!r}"}

    def _finalize(self, id_: str, payload: dict[str, Any]) -> dict[str, Any]:
        order = self._orders[id_]
        if any(self._proofs[each]["said"]["status"] != "valid" for each in order["proofs"]):
            raise Refused("orderNotReady", "not all names are proved")
        request = x509.load_der_x509_csr(raw(payload["csr"]))
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if sorted(names.get_values_for_type(x509.DNSName)) != sorted(order["names"]):
            raise Refused("badCSR", "other names than were ordered")
        made = self._certificate(request.subject, request.public_key(), names)  # type: ignore[arg-type]
        pem = serialization.Encoding.PEM
        self._issued[id_] = made.public_bytes(pem) + self.root.public_bytes(pem)
        return self._order(id_)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, names: x509.SubjectAlternativeName | None = None,
        *, ca: bool = False,
    ) -> x509.Certificate:  # fmt: skip
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=self.days))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )  # fmt: skip
        if names is not None:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._give(None)

            def do_POST(self) -> None:
                self._give(self.rfile.read(int(self.headers["Content-Length"])))

            def _give(self, body: bytes | None) -> None:
                try:
                    status, headers, answer = server.answer(self.path, body)
                except Refused as refused:
                    kind, why = refused.args
                    status, headers = 400, {}
                    answer = json.dumps({"type": PROBLEM + kind, "detail": why}).encode()
                nonce = secrets.token_urlsafe(8)
                server._nonces.add(nonce)
                self.send_response(status)
                for name, value in {**headers, "Replay-Nonce": nonce, "Content-Length": str(len(answer))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
