"""The certificate that the venue's own authority gives the house: made at the first start, renewed before its end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.operations import own_addresses, venue_ca
from gateway.operations.tls_folder import GIVEN, TLS
from gateway.operations.venue_ca import Authority
from gateway.settings.venue import VenueConfig

log = logging.getLogger(__name__)

EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound to
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
ENDING = timedelta(days=500)  # before the authority's end: time to have every tablet trust the next


class OwnCertificate:
    """Keeps the certificate of one data folder good for the names of one venue."""

    def __init__(self, data: Path, config: VenueConfig) -> None:
        self._data = data
        self._config = config
        self._told = ""
        self.file = data / TLS / venue_ca.CONSOLE
        """The certificate with its key and all that tablets need to trust it."""

    def renew(self, now: datetime) -> None:
        """Makes what is missing, due, or for other names than those wanted; raises OSError and UnreadableAuthority."""
        names = wanted_names(self._config)
        authority = venue_ca.read_authority(self._data)
        if authority is None:
            authority = venue_ca.new_authority(self._config.venue.id, names, now)
            venue_ca.write_authority(self._data, authority)
            log.info("this house has a certificate authority of its own now: SHA-256 %s", authority.fingerprint)
        elif not (self._data / TLS / GIVEN).exists():  # it came back with a copy
            venue_ca.write_authority(self._data, authority)
        self._tell("; ".join(faults(authority, names, now)))
        wanted = [each for each in names if authority.allows(each)]
        shown = venue_ca.read_certificate(self.file)
        if shown is not None and _good(shown, authority, wanted, now):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        venue_ca.write_certificate(self._data, authority, key, venue_ca.certificate_of(authority, key, wanted, now))

    def _tell(self, words: str) -> None:
        if words and words != self._told:
            log.warning("%s", words)
        self._told = words


def faults(authority: Authority, names: Sequence[str], now: datetime) -> list[str]:
    """What somebody must do about the authority, in words."""
    end = authority.certificate.not_valid_after_utc
    found = []
    if others := [each for each in names if not authority.allows(each)]:
        found.append(
            f"the house's certificate authority was made for other names than {', '.join(others)}, and tablets refuse"
            " those: moments keys rotate ca makes one for them"
        )
    if end - now < ENDING:
        found.append(
            f"the house's certificate authority ends on {end:%Y-%m-%d}: moments keys rotate ca makes the next, and"
            " every tablet has to trust it before that day"
        )
    return found


def _good(shown: x509.Certificate, authority: Authority, wanted: Sequence[str], now: datetime) -> bool:
    ours = authority.certificate
    early = min(venue_ca.RENEWED, (ours.not_valid_after_utc - now) / 2)
    return (
        shown.issuer == ours.subject
        and shown.not_valid_before_utc <= now < shown.not_valid_after_utc - early
        and venue_ca.names_of(shown) >= set(wanted)
    )


def wanted_names(config: VenueConfig) -> list[str]:
    """Every name and address under which tablets and readers may reach this house, the operator's own first."""
    hosts = [config.console.host.lower(), *([config.mqtt.bind[0].lower()] if config.mqtt else [])]
    here = [*own_addresses.addresses(), *own_addresses.names()] if EVERYWHERE & set(hosts) else []
    said = [each for each in hosts if each not in EVERYWHERE]
    return list(dict.fromkeys([*config.console.hosts, *said, *here, *THIS_MACHINE]))
