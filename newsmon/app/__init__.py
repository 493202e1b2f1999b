"""The top floor: what starts, watches and shows the stages. Command line, demo and supervisor.

May import every package; nothing below may import it.
"""
