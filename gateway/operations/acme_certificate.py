"""The certificate that an ACME authority gives the house; until there is one, that of the house's own authority."""

from __future__ import annotations

import logging
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.operations import venue_ca
from gateway.operations.acme import Acme, AcmeRefused
from gateway.operations.own_certificate import OwnCertificate
from gateway.operations.private_file import private_file
from gateway.operations.shown_tokens import ShownTokens
from gateway.operations.tls_folder import TLS
from gateway.settings.venue import VenueConfig

log = logging.getLogger(__name__)

ACCOUNT = "acme-account.pem"
AGAIN = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))


class AcmeCertificate:
    """Keeps the certificate of one data folder good, from the authority of ``[console] acme``."""

    def __init__(self, data: Path, config: VenueConfig, tokens: ShownTokens) -> None:
        self._data = data
        self._config = config
        self._tokens = tokens
        self._own = OwnCertificate(data, config)
        self._serving = False
        self._failed = 0
        self._not_before: datetime | None = None
        self.file = self._own.file
        """The certificate with its key and chain."""

    def renew(self, now: datetime) -> None:
        """Asks for a certificate where one is due, and not again too soon; never leaves the house without one.

        The first call only sees to it that there is one: the authority comes and looks at a house that serves.
        """
        shown, serving = venue_ca.read_certificate(self.file), self._serving
        self._serving = True
        if shown is None or not serving:
            if shown is None or now >= shown.not_valid_after_utc:
                self._own.renew(now)
            return
        if self._is_good(shown, now) or (self._not_before is not None and now < self._not_before):
            return
        try:
            self._ask()
        except AcmeRefused as refused:
            self._not_before = now + AGAIN[min(self._failed, len(AGAIN) - 1)]
            self._failed += 1
            log.error("no certificate by ACME: %s; the next try is at %s", refused, f"{self._not_before:%H:%M} UTC")
            if self._is_ours(shown) or now >= shown.not_valid_after_utc:
                self._own.renew(now)
        else:
            self._failed, self._not_before = 0, None
            log.info("a certificate by ACME for %s", ", ".join(self.names))

    @property
    def names(self) -> list[str]:
        """The host names that are asked for."""
        return list(self._config.console.hosts)

    def _ask(self) -> None:
        acme = self._config.console.acme
        assert acme is not None  # noqa: S101 - nobody makes one of these without
        try:
            trust = ssl.create_default_context(cafile=acme.ca)
        except OSError as error:
            raise AcmeRefused(f"{acme.ca}: {error}") from None
        key = ec.generate_private_key(ec.SECP256R1())
        client = Acme(acme.directory, self._account(), trust, contact=acme.contact)
        chain = client.certificate(self.names, key, self._tokens.show)
        try:
            found = x509.load_pem_x509_certificates(chain)
        except ValueError:
            raise AcmeRefused("what the authority gives is no certificate") from None
        if found[0].public_key() != key.public_key():
            raise AcmeRefused("what the authority gives is a certificate of another key")
        private_file(self.file, _pem(key) + b"".join(each.public_bytes(serialization.Encoding.PEM) for each in found))

    def _is_good(self, shown: x509.Certificate, now: datetime) -> bool:
        """Given by the authority, for these names, and with more than a third of its days left."""
        whole = shown.not_valid_after_utc - shown.not_valid_before_utc
        early = shown.not_valid_after_utc - whole / 3
        named = venue_ca.names_of(shown) >= set(self.names)
        return not self._is_ours(shown) and named and shown.not_valid_before_utc <= now < early

    def _is_ours(self, shown: x509.Certificate) -> bool:
        authority = venue_ca.read_authority(self._data)
        return authority is not None and shown.issuer == authority.certificate.subject

    def _account(self) -> ec.EllipticCurvePrivateKey:
        file = self._data / TLS / ACCOUNT
        try:
            key = serialization.load_pem_private_key(file.read_bytes(), None)
        except (FileNotFoundError, ValueError):
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            key = ec.generate_private_key(ec.SECP256R1())
            private_file(file, _pem(key))
        return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
