"""Column types of our tables."""

from typing import Annotated

from sqlalchemy.orm import mapped_column

from app.plugin_api.column_types import BigId, Json, UTCDateTime

__all__ = ["BigId", "Id", "Json", "UTCDateTime"]

Id = Annotated[int, mapped_column(BigId, primary_key=True)]
