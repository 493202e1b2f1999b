"""One module per group of settings: the sections of the file, their defaults, and the sentences that explain them.

In: nothing. Out: strict, frozen models that `newsmon.settings.root` puts together. May import errors, paths and records.
"""
