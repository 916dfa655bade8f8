"""Makes the keys of a simulated WeChat Pay and of the shop that speaks to it, new each time."""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.values.clock import Clock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PUBLIC_KEY_ID: Final = "PUB_KEY_ID_0100000000012026010100000000001"
MERCHANT_SERIAL: Final = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
API_V3_KEY: Final = "0123456789abcdef0123456789ABCDEF"
"""Of the simulator only; it seals the certificates that the simulator hands out."""


@dataclass(frozen=True, slots=True)
class SimulatorKeys:
    """Both sides' keys."""

    merchant: "RSAPrivateKey" = field(repr=False)
    platform: "RSAPrivateKey" = field(repr=False)

    @classmethod
    def generate(cls) -> "SimulatorKeys":
        """Return new ones."""
        from cryptography.hazmat.primitives.asymmetric import rsa

        return cls(rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048))

    def write_to(self, folder: Path) -> dict[str, str]:
        """Write the shop's credentials into owner-only files; return the settings that name them."""
        from cryptography.hazmat.primitives import serialization

        private = self.merchant.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = self.platform.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        named = {
            "private_key": ("wechat-apiclient-key.pem", private),
            "public_key": ("wechat-pub-key.pem", public),
            "api_v3_key": ("wechat-api-v3-key.txt", API_V3_KEY.encode()),
        }
        for name, content in named.values():
            _write_private(folder / name, content)
        return {key: str(folder.resolve() / name) for key, (name, _) in named.items()}

    def certificate(self, clock: Clock) -> tuple[str, str]:
        """Return the platform's certificate of today: its serial number and PEM."""
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization

        now = clock.now()
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Simulated WeChat Pay")])
        serial = 0x1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.platform.public_key())
            .serial_number(serial)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=365))
            .sign(self.platform, hashes.SHA256())
        )
        return f"{serial:X}", certificate.public_bytes(serialization.Encoding.PEM).decode()

    def sealed_certificate(self, clock: Clock, nonce: str) -> dict[str, Any]:
        """Return the certificate as `/v3/certificates` lists it."""
        from base64 import b64encode

        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        serial, pem = self.certificate(clock)
        sealed = AESGCM(API_V3_KEY.encode()).encrypt(nonce.encode(), pem.encode(), b"certificate")
        return {
            "serial_no": serial,
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": nonce,
                "associated_data": "certificate",
                "ciphertext": b64encode(sealed).decode(),
            },
        }


def _write_private(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
