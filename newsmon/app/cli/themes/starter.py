"""The starter file of `newsmon themes new`: small, complete, commented, and valid as it stands."""

from __future__ import annotations

import getpass
import json
import re
from datetime import UTC, datetime

from newsmon.errors import Problem, SettingsError

_ID = re.compile(r"^[a-z0-9][a-z0-9_-]{0,63}$")

_TEXT = """\
# A theme: what to watch for and how to recognise it. `newsmon themes schema` prints the format for editors,
# `newsmon themes check` runs the examples below, `newsmon backtest` replays stored articles through the theme.
id = {id}
label = {label}
version = "1"
owner = {owner}
description = "New railway lines in Arland: plans, money, building, opening."
threshold = 4                      # an article with this score or more belongs to the theme

# The value of a hit, by field.
[fields]
title = 1.0
lead = 0.9
body = 0.6

# Lists of phrases by language; they count in texts of that language, those under `any` in all. Case does not matter. Accents do in
# a text that uses them, except for phrases under `en` and `any`. A phrase ends at punctuation.
#   railway*     a word that starts with it     *bahn       a word that ends with it
#   =ARL         exactly these letters          !toy train  removes the hits it overlaps
#   ^gâre        with these accents in any text @country    every phrase of the list `country`
[lists.line]
en = ["railway line*", "rail link*", "train line*", "!model railway*"]
de = ["bahnstrecke*", "*bahnlinie*"]

[lists.country]
en = ["Arland*"]
de = ["Arland*"]

[lists.building]
en = ["build*", "open*", "plan*", "fund*"]
de = ["bau*", "eröffn*", "plan*"]

# A rule adds its weight for a hit of the first list if every other list has a hit nearby: within a number of words, or in the
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

# A context cancels hits near other words.
[[unless]]
id = "novel"
cancels = ["line"]
by = [{{ en = ["novel", "film"], de = ["roman", "film"] }}]
within = 8

# A match is a notice unless it meets every condition of a [[severity]]. Further conditions: any = ["building"] with
# fields = ["title"] and near = 5 (words from a word that counted), rules = ["line-is-built"], max_tier = 2, min_sources = 3. Flash
# stays urgent until other sources confirm it (settings, alerts.flash).
[[severity]]
level = "urgent"
score = 8

# How reports are grouped into events and stories; these are the defaults. If one message often tells of two events, raise
# `separate`; if one event often comes as several, lower it. `newsmon rehearse` shows the effect.
[stories]
separate = 0                       # log-odds: 1 asks for 2.7 times the odds that two reports belong together
# idle_hours = 72                  # hours without news after which a story closes; default: stories.idle_close_s of the settings

# The theme's own tests: at least one text it must find, and one look-alike it must not.
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
note = "First version."
"""


def starter(theme_id: str, owner: str | None = None) -> str:
    """The file's text. SettingsError for an invalid id."""
    if not _ID.match(theme_id):
        raise SettingsError(
            [Problem("THEME_ID", f"{theme_id!r} is not a theme id: use a-z, 0-9, - and _, starting with a letter or digit")]
        )
    label = theme_id.replace("-", " ").replace("_", " ").capitalize()
    given = {"id": theme_id, "label": label, "owner": owner or getpass.getuser()}
    return _TEXT.format(
        today=datetime.now(UTC).date().isoformat(), **{key: json.dumps(value, ensure_ascii=False) for key, value in given.items()}
    )
