"""Commands about feeds: list, check, explain, import, export, discover, parse and backfill. Argument parsing and printing only."""
