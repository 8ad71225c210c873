from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from storage import secrets
from storage.engine import Database
from storage.models import OAuthToken
from storage.secrets import TokenPair, UnreadableSecretError, Vault

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def pair(now: datetime, name: str = "1") -> TokenPair:
    return TokenPair(access=f"access-{name}", refresh=f"refresh-{name}", expires_at=now + timedelta(hours=2))


def test_a_vault_opens_what_it_sealed_and_shows_nothing() -> None:
    vault = Vault([OLD])
    sealed = vault.seal({"access": "top-secret"})
    assert "top-secret" not in sealed
    assert vault.unseal(sealed) == {"access": "top-secret"}


def test_keys_change_one_by_one() -> None:
    sealed = Vault([OLD]).seal({"a": 1})
    assert Vault([NEW, OLD]).unseal(sealed) == {"a": 1}
    assert Vault([NEW]).unseal(Vault([NEW, OLD]).seal({"a": 2})) == {"a": 2}
    with pytest.raises(UnreadableSecretError, match="ENCRYPTION_KEYS"):
        Vault([NEW]).unseal(sealed)


@pytest.mark.parametrize("keys", [[], ["short"]])
def test_a_vault_needs_good_keys(keys: list[str]) -> None:
    with pytest.raises(ValueError, match=r"ENCRYPTION_KEYS|32 url-safe"):
        Vault(keys)


def test_a_pair_is_kept_encrypted_and_given_back(database: Database, now: datetime) -> None:
    vault = Vault([OLD])
    with database.write() as session:
        assert secrets.pair(session, vault, "sendoso", "seed") is None
        assert secrets.store(session, vault, "sendoso", "seed", pair(now), now, over=None)
    with database.read() as session:
        found = secrets.pair(session, vault, "sendoso", "seed")
        row = session.scalars(select(OAuthToken)).one().secret
    assert found is not None
    assert (found.access, found.refresh, found.expires_at) == ("access-1", "refresh-1", now + timedelta(hours=2))
    assert "access-1" not in row
    assert "refresh-1" not in row
    assert "seed" not in row
    assert "access-1" not in repr(found)


def test_a_pair_is_only_stored_over_the_one_it_came_from(database: Database, now: datetime) -> None:
    vault = Vault([OLD])
    with database.write() as session:
        secrets.store(session, vault, "sendoso", "seed", pair(now), now, over=None)
        first = secrets.pair(session, vault, "sendoso", "seed")
        assert not secrets.store(session, vault, "sendoso", "seed", pair(now, "x"), now, over=None)
        assert secrets.store(session, vault, "sendoso", "seed", pair(now, "2"), now, over=first)
        assert not secrets.store(session, vault, "sendoso", "seed", pair(now, "y"), now, over=first)
        current = secrets.pair(session, vault, "sendoso", "seed")
    assert current is not None
    assert current.access == "access-2"


def test_a_new_seed_voids_what_grew_from_the_former_one_even_if_no_key_opens_it(
    database: Database, now: datetime,
) -> None:
    with database.write() as session:
        secrets.store(session, Vault([OLD]), "sendoso", "seed", pair(now), now, over=None)
    with database.write() as session:
        with pytest.raises(UnreadableSecretError):
            secrets.pair(session, Vault([NEW]), "sendoso", "seed")
        assert secrets.pair(session, Vault([NEW]), "sendoso", "other seed") is None
        assert secrets.store(session, Vault([NEW]), "sendoso", "other seed", pair(now, "2"), now, over=None)
        found = secrets.pair(session, Vault([NEW]), "sendoso", "other seed")
    assert found is not None
    assert found.refresh == "refresh-2"


def test_pairs_change_to_the_first_key_and_a_bot_at_work_notices_nothing(database: Database, now: datetime) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with database.write() as session:
        secrets.store(session, Vault([old]), "sendoso", "seed", pair(now), now, over=None)
        before = secrets.pair(session, Vault([old]), "sendoso", "seed")
        assert secrets.reseal(session, Vault([new, old])) == (1, 0)
        changed = secrets.pair(session, Vault([new]), "sendoso", "seed")
        assert changed is not None
        assert changed.access == pair(now).access
        # It had read the pair before, and has spent it: the next one takes its place all the same.
        assert secrets.store(session, Vault([new]), "sendoso", "seed", pair(now, "2"), now, over=before)
        assert secrets.reseal(session, Vault([old])) == (0, 1)
