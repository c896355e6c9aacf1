"""The database: engine, column types, sessions."""
