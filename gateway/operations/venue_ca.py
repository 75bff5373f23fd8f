"""The venue's own certificate authority: what it signs, how long that is good, and how a new one takes over.

Two files of PEM in the data folder's ``tls``, each whole or as it was, mode 0600. ``authority.pem``: the authority's
key, its certificate, and its certificates by the authorities before it, so that a tablet that trusts one of those still
trusts us. ``console.pem``: the console's key, its certificate, and those same certificates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gateway.operations.private_file import private_file
from gateway.operations.tls_folder import GIVEN, TLS

AUTHORITY, CONSOLE = "authority.pem", "console.pem"
AUTHORITY_LASTS = timedelta(days=3650)
LASTS = timedelta(days=397)  # of the console's certificate: browsers take none that is good for more than 398 days
RENEWED = timedelta(days=120)  # before its end: a tablet that was away for a season meets no old one
SLACK = timedelta(days=1)  # a tablet's clock may be behind
MOST_BEFORE = 3  # authorities before this one that tablets may still trust
# An authority for this venue's names vouches for no bank, whoever gets hold of its key.
NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
NETWORKS = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
         "::1/128", "fc00::/7", "fe80::/10"),
    )
)  # fmt: skip

Key = ec.EllipticCurvePrivateKey


class UnreadableAuthority(Exception):
    """The file of the authority is there and cannot be read; the text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A key, its certificate, and its certificates by the authorities before it, the newest first."""

    key: Key
    certificate: x509.Certificate
    cross: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """What a tablet is given to trust."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as systems show it to compare."""
        return fingerprint(self.certificate)

    def allows(self, name: str) -> bool:
        """Whether it may vouch for this host name or address."""
        permitted = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
        try:
            address = ip_address(name)
        except ValueError:
            trees = [each.value for each in permitted or () if isinstance(each, x509.DNSName)]
            return any(name == tree or name.endswith("." + tree) for tree in trees)
        nets = [each.value for each in permitted or () if isinstance(each, x509.IPAddress)]
        return any(isinstance(net, IPv4Network | IPv6Network) and address in net for net in nets)


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate: pairs of digits parted by colons."""
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def new_authority(venue: str, names: Iterable[str], now: datetime) -> Authority:
    """An authority of this venue that may vouch for ``names`` and for what is in no public name system."""
    key = ec.generate_private_key(ec.SECP256R1())
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key()).digest.hex()[:8]
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Moments {venue}"[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Moments {venue[:40]} {mark}"),
        ]
    )
    return Authority(key, _authority_certificate(subject, key, subject, key, names, now, now + AUTHORITY_LASTS))


def after(old: Authority, venue: str, names: Iterable[str], now: datetime) -> Authority:
    """A new authority that the old one vouches for: who trusts the old one trusts what the new one signs."""
    names = tuple(names)
    new = new_authority(venue, names, now)
    until = min(old.certificate.not_valid_after_utc, now + AUTHORITY_LASTS)
    subject, issuer = new.certificate.subject, old.certificate.subject
    cross = _authority_certificate(subject, new.key, issuer, old.key, names, now, until)
    still = [each for each in old.cross if each.not_valid_after_utc > now]
    return Authority(new.key, new.certificate, (cross, *still)[:MOST_BEFORE])


def _authority_certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, by: Key, names: Iterable[str], now: datetime, until: datetime
) -> x509.Certificate:
    public = key.public_key()
    signs = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        _dated(subject, issuer, public, now, until)
        .add_extension(x509.BasicConstraints(ca=True, path_length=MOST_BEFORE), critical=True)
        .add_extension(signs, critical=True)
        # Not critical: who cannot hold us to it would refuse all; who can, holds us to it either way.
        .add_extension(x509.NameConstraints(_permitted(names), None), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
        .sign(by, hashes.SHA256())
    )


def _permitted(names: Iterable[str]) -> list[x509.GeneralName]:
    found: dict[x509.GeneralName, None] = dict.fromkeys(x509.DNSName(name) for name in NAMES)
    for name in names:
        found |= dict.fromkeys(_as_subtree(name))
    found |= dict.fromkeys(x509.IPAddress(net) for net in NETWORKS)
    return list(found)


def _as_subtree(name: str) -> list[x509.GeneralName]:
    try:
        return [x509.IPAddress(ip_network(name))]
    except ValueError:
        return [x509.DNSName(name)]


def certificate_of(authority: Authority, key: Key, names: Sequence[str], now: datetime) -> x509.Certificate:
    """What the authority signs for a server that is reached under these names and addresses."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    until = min(now + LASTS, authority.certificate.not_valid_after_utc)
    return (
        _dated(subject, authority.certificate.subject, key.public_key(), now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_as_name(each) for each in names]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
        .sign(authority.key, hashes.SHA256())
    )  # fmt: skip


def _dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    numbered = builder.serial_number(x509.random_serial_number())
    return numbered.not_valid_before(now - SLACK).not_valid_after(until)


def _as_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def names_of(certificate: x509.Certificate) -> set[str]:
    """The host names and addresses that a certificate is for."""
    try:
        told = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(each.value) for each in told if isinstance(each, x509.DNSName | x509.IPAddress)}


# --- in the data folder -------------------------------------------------------------------------------------------


def read_authority(data: Path) -> Authority | None:
    """The authority of this data folder; None where it has none. Raises UnreadableAuthority."""
    file = data / TLS / AUTHORITY
    try:
        text = file.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Authority(_key_in(text), *_split(x509.load_pem_x509_certificates(text)))
    except (ValueError, TypeError) as error:
        raise UnreadableAuthority(
            f"{file} cannot be read ({error}): bring it back from where you keep it, or move it away for a new"
            " authority, which every tablet then has to be made to trust"
        ) from None


def _split(found: list[x509.Certificate]) -> tuple[x509.Certificate, tuple[x509.Certificate, ...]]:
    return found[0], tuple(found[1:])


def write_authority(data: Path, authority: Authority) -> None:
    """Keeps it in this data folder; whole, or what was there stays."""
    certificates = (authority.certificate, *authority.cross)
    private_file(data / TLS / AUTHORITY, _pem(authority.key, certificates))
    private_file(data / TLS / GIVEN, authority.der)


def write_certificate(data: Path, authority: Authority, key: Key, certificate: x509.Certificate) -> None:
    """Keeps the console's key and certificate in this data folder, with what old tablets need to trust it."""
    private_file(data / TLS / CONSOLE, _pem(key, (certificate, *authority.cross)))


def read_certificate(file: Path) -> x509.Certificate | None:
    """The first certificate in a file of PEM; None where there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError):
        return None


def rotate_ca(data: Path, venue: str, hosts: Iterable[str], now: datetime) -> tuple[str, str]:
    """Gives the house a new authority, which the old one vouches for; the fingerprints of the old and the new one.

    A gateway that runs takes up what the new one signs within a minute, and drops nobody. Tablets go on trusting it
    until the old one's end; the old one's key is gone. Raises FileNotFoundError where the house has no authority.
    """
    old = read_authority(data)
    if old is None:
        raise FileNotFoundError("this house has no certificate authority of its own")
    shown = read_certificate(data / TLS / CONSOLE)
    new = after(old, venue, [*hosts, *(sorted(names_of(shown)) if shown else ())], now)
    write_authority(data, new)
    (data / TLS / CONSOLE).unlink(missing_ok=True)
    return old.fingerprint, new.fingerprint


def _pem(key: Key, certificates: Iterable[x509.Certificate]) -> bytes:
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret + b"".join(each.public_bytes(pem) for each in certificates)


def _key_in(text: bytes) -> Key:
    found = re.search(rb"-----BEGIN PRIVATE KEY-----.+?-----END PRIVATE KEY-----\n?", text, re.DOTALL)
    key = serialization.load_pem_private_key(found[0] if found else b"", None)
    if not isinstance(key, Key):
        raise ValueError("not a key of the right kind")
    return key
