"""The migration steps. A released step never changes: the next change is a new step."""
