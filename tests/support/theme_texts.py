"""The beginning of a theme file that many tests write their own rules under."""

RAIL_HEAD = """
id = "rail"
label = "Rail"
version = "1"
owner = "desk"
threshold = 3
"""
