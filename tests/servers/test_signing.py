"""URLs that are signed without asking anybody: Google's, whose emulator checks none."""

from __future__ import annotations

import base64
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from labelwidgets.media import delivery
from labelwidgets.media.access import Access
from labelwidgets.media.delivery import SECONDS, Signer
from labelwidgets.media.header import ImageHeader

HEADER = ImageHeader("PNG", "image/png", 4, 3, "RGB", 8, 1, 1)


def test_a_url_of_google_has_the_signature_of_the_service_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    account = {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "ana@p.example.org",
        "client_id": "1",
        "token_uri": "https://token.example.org/",
    }
    # No header can be read: there is no such bucket.
    monkeypatch.setattr(delivery, "header_of", lambda *_: HEADER)
    signer = Signer(Access({"token": account, "project": "p"}))
    direct = signer.direct("gs://bucket/a b#1.png", trusted=True)
    assert direct is not None
    parts = urlsplit(direct.url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (parts.netloc, parts.path) == ("storage.googleapis.com", "/bucket/a%20b%231.png")
    assert 0 < int(query["Expires"]) - time.time() <= SECONDS + 1
    said = f"GET\n\n\n{query['Expires']}\n{parts.path}".encode()
    # Raises where it is another's.
    key.public_key().verify(
        base64.b64decode(query["Signature"]), said, padding.PKCS1v15(), hashes.SHA256()
    )
    assert query["Signature"] not in repr(direct)
