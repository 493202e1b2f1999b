"""`newsmon run`: one broker and four stages as supervised child processes on one machine.

restart.py decides when an ended process is started again; process.py holds one; service.py starts and stops all in
order; status.py turns scraped metrics into what view.py shows.
"""
