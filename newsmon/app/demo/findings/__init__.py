"""The demo's expectations, its findings and its verdict.

In: `expected.toml`, the run's database, the POSTs received. Out: `DemoResult`. May import the stages to query their database and
themes.
"""
