"""The demo's summary as tables on a terminal. In: an Outcome. Out: printed text."""
