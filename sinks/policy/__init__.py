"""Who gets an alert, when, bundled with what, and what a failed attempt means. Pure.

May import message.
"""
