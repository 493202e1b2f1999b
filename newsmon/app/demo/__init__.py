"""`newsmon demo`: `newsmon run` on recorded feeds, checked from the first poll to the last webhook.

recorded/ serves the feeds, findings/ compares the result with the expectations, tables/ prints it, job.py runs it all.
In: `seeds/demo`. Out: a summary, an exit code. May import the supervisor and the stages; only the command line imports it.
"""
