"""Events in places that do not exist, which the shipped themes match: one sentence a theme, with figures of their own."""

from __future__ import annotations

import random

EVENTS = (
    "{name} ministers agreed to send a peacekeeping force of {n} troops to Ukraine after a ceasefire",
    "The United States will raise tariffs on {name} steel imports to {p} per cent from {month}",
    "{name} will lift defence spending to {q} per cent of GDP by {year}, the defence ministry said",
)
MONTHS = ("January", "February", "March", "April", "May", "June", "July")


def made_up_place(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(syllables)).title() + "ia"
