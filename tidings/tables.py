"""Column types for the tables of plugins. Apart from `tidings` itself, so that only plugins with tables load SQLAlchemy."""

from app.plugin_api.column_types import BigId, Json, UTCDateTime

__all__ = ["BigId", "Json", "UTCDateTime"]
