"""`newsmon run`: Kafka and four stages, supervised on one machine.

In: settings. Out: an exit code. service.py starts and stops everything in order. kafka_keeper.py keeps Kafka there, stages.py the
stages; process.py is one child. stall.py, restart.py and whole.py decide: whether a stage stands still, when a process is started
again, and what /healthz and /readyz of the whole say. ports.py and lag.py serve monitoring, screen/ shows
the state. May import the ground floor and the records; never a stage, which it only starts as a process.
"""
