"""Certificates for tests: an authority, and who it vouches for."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Paper(NamedTuple):
    """A certificate and its key, as files."""

    cert: Path
    key: Path


class Authority:
    """Signs certificates; its own is in ``file``."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        made = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), critical=True)
        self.file = self._write(name, made).cert

    def vouch(self, name: str, *, address: str = "127.0.0.1", days: int = 9) -> Paper:
        """A certificate for this name and address; with ``days`` below nothing it ran out so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        return self._write(name, self._builder(subject, key, days).add_extension(names, critical=False), key)

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 9) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=30))
            .not_valid_after(now + timedelta(days=days))
        )

    def _write(
        self, name: str, builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey | None = None
    ) -> Paper:
        paper = Paper(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        made = builder.sign(self._key, hashes.SHA256())
        paper.cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        paper.key.write_bytes((key or self._key).private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
        paper.key.chmod(0o600)
        return paper
