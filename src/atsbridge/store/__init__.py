"""The database: SQLAlchemy Core on SQLite and PostgreSQL."""
