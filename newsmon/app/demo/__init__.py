"""The demo's world: recorded feeds, the server that serves them, and what must come out. Imports no stage."""
