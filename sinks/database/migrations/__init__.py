"""The steps that build the database's schema, shipped in the wheel and run by `sinks.database.schema.migrate`."""
