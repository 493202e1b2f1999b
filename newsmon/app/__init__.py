"""The top floor: the command line, the demo and the supervisor, which start, watch and show the stages.

listener.py and ledger_table.py serve both the command line and the demo. May import every package; no stage may import it.
"""
