"""Recorded feeds and the HTTP server that serves them with the habits and faults of real publishers. Imports no stage."""
