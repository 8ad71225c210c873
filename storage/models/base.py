"""What every table shares: names of constraints, column types, times in UTC."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass, mapped_column
from sqlalchemy.types import TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)

# SQLite only auto-numbers a column whose type is exactly INTEGER.
BigInt = BigInteger().with_variant(Integer, "sqlite")


class NaiveTimeError(ValueError):
    """A time without a zone was about to be stored; nobody could say later which instant it was."""

    def __init__(self, value: datetime) -> None:
        super().__init__(f"refusing to store {value!r}: it has no time zone")


def _read_milliseconds(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + value * MILLISECOND


def _read_moment(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


class UtcTime(TypeDecorator[datetime]):
    """An instant to the millisecond: epoch milliseconds on SQLite, timestamptz on PostgreSQL.

    Takes aware datetimes only and always gives back UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Integer())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveTimeError(value)
        if dialect.name == "sqlite":
            return (value - EPOCH) // MILLISECOND
        return EPOCH + (value - EPOCH) // MILLISECOND * MILLISECOND

    def result_processor(
        self, dialect: Dialect, coltype: object,  # noqa: ARG002 - SQLAlchemy passes it
    ) -> Callable[[Any], datetime | None]:
        """What reads a value. Not by SQLAlchemy's two calls around it: a card has a dozen times."""
        return _read_milliseconds if dialect.name == "sqlite" else _read_moment


Id = Annotated[int, mapped_column(BigInt, primary_key=True, autoincrement=True)]


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """The parent of every table; rows are plain typed data."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute
        datetime: UtcTime,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        str: Text,
    }
