"""`newsmon run`: one broker and four stages as supervised child processes on one machine.

In: settings. Out: an exit code. service.py starts and stops everything in order, process.py is one child, restart.py decides when
to start one again, ports.py and lag.py serve monitoring, screen/ shows the state. May import the ground floor and the records;
never a stage, which it only starts as a process.
"""
