"""Where in a data folder the house's own certificates are."""

TLS = "tls"
"""The folder, its owner's alone."""
GIVEN = "authority.crt"
"""In it: what a tablet is given to trust, a certificate, DER."""
