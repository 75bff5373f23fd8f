"""A certificate authority of a venue, made for a test: what IT would put on the tablets."""

from __future__ import annotations

import base64
import hashlib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

A_DAY = timedelta(days=1)


@dataclass(slots=True, frozen=True)
class Served:
    """The files the gateway is given, and how its clients come to trust them."""

    cert: Path
    key: Path
    authority: Path
    pin: str

    def trusts(self) -> ssl.SSLContext:
        """A client that knows the authority."""
        return ssl.create_default_context(cafile=self.authority)


def certificate_for(host: str, folder: Path) -> Served:
    """Makes an authority and what it signed for this address."""
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, name = _name("The venue's own authority"), _name(host)

    def building(subject: x509.Name, public: ec.EllipticCurvePublicKey, *, ca: bool) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - A_DAY)
            .not_valid_after(now + A_DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )

    usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)  # signs: certificates and lists
    root = building(root_name, root_key.public_key(), ca=True).add_extension(usage, critical=True)
    authority = root.sign(root_key, hashes.SHA256())
    mine = (
        building(name, key.public_key(), ca=False)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
        .sign(root_key, hashes.SHA256())
    )
    spki = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    served = Served(
        folder / "cert.pem",
        folder / "key.pem",
        folder / "authority.pem",
        pin=base64.b64encode(hashlib.sha256(spki).digest()).decode(),
    )
    served.cert.write_bytes(mine.public_bytes(serialization.Encoding.PEM))
    served.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    served.key.write_bytes(pem)
    served.key.chmod(0o600)
    return served


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])
