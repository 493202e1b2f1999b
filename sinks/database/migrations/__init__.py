"""The database's schema as a row of steps, shipped in the wheel and run by `sinks.database.schema.migrate`."""
