"""An authority that only these tests trust, and what it signs."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Certificates:
    """Contexts of servers, certified for a name or an address."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.authority = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(self.authority)

    def server(self, name: str) -> ssl.SSLContext:
        return context(self._authority.issue_cert(name))

    def expired(self, name: str) -> ssl.SSLContext:
        yesterday = datetime.now(UTC) - timedelta(days=1)
        return context(self._authority.issue_cert(name, not_after=yesterday))


def context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(tls)
    return tls
