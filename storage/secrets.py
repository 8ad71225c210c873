"""Secrets at rest: OAuth token pairs, encrypted with keys that only the environment holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage.dialect import insert_of
from storage.models import OAuthToken


class UnreadableSecretError(Exception):
    """What is stored was encrypted with a key that is not among ENCRYPTION_KEYS."""

    def __init__(self) -> None:
        super().__init__(
            "What is stored was encrypted with a key that is not among ENCRYPTION_KEYS. Put the former key behind the "
            "new one; if they were changed while this process ran, restart it.",
        )


class Vault:
    """Seals small secrets. The first key seals; every key opens, so that keys can be changed one by one."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys`: as in ENCRYPTION_KEYS, 32 bytes each in url-safe base64. ValueError for none or a bad one."""
        if not keys:
            raise ValueError("ENCRYPTION_KEYS is missing: secrets are only stored encrypted")
        # Only who keeps secrets needs it: it takes seven megabytes.
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

        self._fernet = MultiFernet([Fernet(key) for key in keys])

    def seal(self, secret: dict[str, Any]) -> str:
        """The secret, encrypted and signed."""
        return self._fernet.encrypt(json.dumps(secret).encode()).decode()

    def unseal(self, sealed: str) -> dict[str, Any]:
        """What `seal` was given. Raises `UnreadableSecretError`."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - as above

        try:
            opened: dict[str, Any] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise UnreadableSecretError from None
        return opened


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """An access token until `expires_at`, and the refresh token that buys the next pair, once."""

    access: str
    refresh: str
    expires_at: datetime
    version: int = 0
    """Number of the row as it was read; a pair is stored only over the version it came from."""

    def __repr__(self) -> str:
        # Tokens must not reach a log by way of an exception or a debugger's line.
        return f"TokenPair(expires_at={self.expires_at!r}, version={self.version})"


def pair(session: Session, vault: Vault, provider: str, seed: str) -> TokenPair | None:
    """The pair that grew from `seed`, the refresh token of the environment; None if that one is new.

    A seed other than the one remembered means that somebody authorised anew: what is stored is then void.
    Raises `UnreadableSecretError` for a pair of this seed that no key opens.
    """
    row = session.scalar(
        select(OAuthToken).where(OAuthToken.provider == provider).execution_options(populate_existing=True),
    )
    if row is None:
        return None
    mark, _, sealed = row.secret.partition(":")
    if mark != _mark(seed):
        return None
    opened = vault.unseal(sealed)
    return TokenPair(
        access=opened["access"],
        refresh=opened["refresh"],
        expires_at=row.expires_at or row.updated_at,
        version=row.version,
    )


def store(
    session: Session, vault: Vault, provider: str, seed: str, new: TokenPair, now: datetime, *,
    over: TokenPair | None,
) -> bool:
    """Keep a new pair in the place of `over` (None: of nothing, or of the pair of a former seed).

    False, and nothing is stored, when another process stored a pair meanwhile.
    """
    values = {
        "secret": f"{_mark(seed)}:{vault.seal({'access': new.access, 'refresh': new.refresh})}",
        "expires_at": new.expires_at,
        "updated_at": now,
    }
    if over is None:
        return _plant(session, provider, seed, values)
    stored = session.scalar(
        update(OAuthToken)
        .where(OAuthToken.provider == provider, OAuthToken.version == over.version)
        .values(**values, version=OAuthToken.version + 1)
        .returning(OAuthToken.version)
        .execution_options(synchronize_session=False),
    )
    return stored is not None


def reseal(session: Session, vault: Vault) -> tuple[int, int]:
    """Seal the stored pairs anew with the first key; gives how many were, and how many no key opens.

    The version stays: a bot that has spent this refresh token meanwhile still puts the new pair in its place.
    """
    done = unreadable = 0
    for row in session.execute(select(OAuthToken.provider, OAuthToken.secret)).all():
        mark, _, sealed = row.secret.partition(":")
        try:
            anew = f"{mark}:{vault.seal(vault.unseal(sealed))}"
        except UnreadableSecretError:
            unreadable += 1
            continue
        changed = session.scalar(
            update(OAuthToken)
            .where(OAuthToken.provider == row.provider, OAuthToken.secret == row.secret)
            .values(secret=anew)
            .returning(OAuthToken.provider)
            .execution_options(synchronize_session=False),
        )
        done += changed is not None
    return done, unreadable


def adopt(session: Session, provider: str, tried: str, seed: str) -> bool:
    """Let the pair of `seed` in the name `tried` count as that of `provider`; False where there is none."""
    row = session.scalar(select(OAuthToken).where(OAuthToken.provider == tried))
    if row is None or not row.secret.startswith(f"{_mark(seed)}:"):
        return False
    values = {"secret": row.secret, "expires_at": row.expires_at, "updated_at": row.updated_at}
    _plant(session, provider, seed, values)
    drop(session, tried)
    return True


def drop(session: Session, *providers: str) -> None:
    """Forget the pairs that are kept in those names."""
    session.execute(delete(OAuthToken).where(OAuthToken.provider.in_(providers)))


def _plant(session: Session, provider: str, seed: str, values: dict[str, Any]) -> bool:
    insert = insert_of(session)
    planting = insert(OAuthToken).values(provider=provider, version=1, **values)
    stored = session.scalar(
        planting.on_conflict_do_update(
            index_elements=[OAuthToken.provider],
            set_=values | {"version": OAuthToken.version + 1},
            where=OAuthToken.secret.not_like(f"{_mark(seed)}:%"),
        ).returning(OAuthToken.version),
    )
    return stored is not None


def _mark(seed: str) -> str:
    # Only tells one seed from another; a token is long and random, so its hash gives nothing away.
    return hashlib.sha256(seed.encode()).hexdigest()
