"""What every table shares: names of constraints, column types, times in UTC."""

from __future__ import annotations

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

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401
        if value is None:
            return None
        if dialect.name == "sqlite":
            since: int = value
            return EPOCH + since * MILLISECOND
        moment: datetime = value
        return moment.astimezone(UTC)


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
