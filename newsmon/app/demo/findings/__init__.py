"""What the demo expects, what it found, and the verdict.

In: `expected.toml`, the run's database, the POSTs received. Out: `DemoResult`. May import the stages to query their database and
themes.
"""
