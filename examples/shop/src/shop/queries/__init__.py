"""Reading from the database; nothing here writes."""
