"""The starter file of `newsmon themes new`: small, whole, explained, and right as it stands. Pure."""

from __future__ import annotations

import getpass
import json
import re
from datetime import UTC, datetime

from newsmon.errors import Problem, SettingsError

_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")

_TEXT = """\
# A theme: what is watched for, and how it is recognised. `newsmon themes schema` prints the format for editors,
# `newsmon themes check` runs the examples below, `newsmon backtest` shows what the theme would have done to the past.
id = {id}
label = {label}
version = "1"
owner = {owner}
description = "New railway lines in Arland: plans, money, building, opening."
threshold = 4                      # an article belongs to the theme from this score on

# What a hit is worth by where it stands.
[fields]
title = 1.0
lead = 0.9
body = 0.6

# Lists of phrases by language; `any` goes for all languages. Case and accents do not count, and a phrase ends at punctuation.
#   railway*     a word that begins so          *bahn       a word that ends so
#   =ARL         in exactly these letters       !toy train  takes away the hits it overlaps
[lists.line]
en = ["railway line*", "rail link*", "train line*", "!model railway*"]
de = ["bahnstrecke*", "*bahnlinie*"]

[lists.country]
en = ["Arland*"]
de = ["Arland*"]

[lists.building]
en = ["build*", "open*", "plan*", "fund*"]
de = ["bau*", "eröffn*", "plan*"]

# A rule adds its weight for a hit of the first list when all others have a hit in reach: within so many words, or in the
# same sentence, field, passage (title and lead, or a paragraph) or document.
[[rule]]
id = "line-in-country"
weight = 3
all = ["line", "country"]
within = "passage"

[[rule]]
id = "line-is-built"
weight = 2
all = ["line", "building"]
within = "sentence"

# A context takes hits away near other words.
[[unless]]
id = "novel"
cancels = ["line"]
by = [{{ en = ["novel", "film"], de = ["roman", "film"] }}]
within = 8

# How loud: a match is a notice unless all that a [[severity]] says holds. Also: any = ["building"] with fields = ["title"],
# rules = ["line-is-built"], max_tier = 2, min_sources = 3. Flash stays urgent until other sources confirm it (settings, alerts.flash).
[[severity]]
level = "urgent"
score = 8

# The theme's own tests: at least one text it must find and one that looks alike and must stay silent.
[[example]]
expect = true
title = "Arland opens first new railway line in decades"
lang = "en"

[[example]]
expect = true
title = "Arland plant neue Bahnstrecke zur Küste"
lang = "de"

[[example]]
expect = false
title = "New film about the railway line that Arland never built"
lang = "en"

[[example]]
expect = false
title = "Model railway fair opens in Arland"
lang = "en"

[[changelog]]
version = "1"
date = {today}
note = "Begun."
"""


def starter(theme_id: str, owner: str | None = None) -> str:
    """The file's text. SettingsError for an id that is none."""
    if not _ID.match(theme_id):
        raise SettingsError([Problem("THEME_ID", f"{theme_id!r}: small letters, digits, - and _, beginning with a letter or digit")])
    label = theme_id.replace("-", " ").replace("_", " ").capitalize()
    given = {"id": theme_id, "label": label, "owner": owner or getpass.getuser()}
    return _TEXT.format(
        today=datetime.now(UTC).date().isoformat(), **{key: json.dumps(value, ensure_ascii=False) for key, value in given.items()}
    )
