"""What a signing secret of Sendoso's webhooks looks like, wherever one is given. Pure."""

from __future__ import annotations

import base64
import binascii
import re

_SECRET = re.compile(r"(?:whsec_)?([A-Za-z0-9+/]+=*)")
SHORTEST = 8
"""Bytes. Those of Sendoso's webhooks have 24 and more; with fewer than these, it was cut off or is none."""


def signs(secret: str) -> bool:
    """Whether signatures can be checked with it. As where they are: what follows `whsec_` may lack its padding."""
    found = _SECRET.fullmatch("".join(secret.split()))
    try:
        return found is not None and len(base64.b64decode(f"{found[1]}==")) >= SHORTEST
    except binascii.Error:
        return False
