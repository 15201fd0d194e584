"""Notices at the desk: one is pasted or uploaded, read, and its facts are proposed in the form of a tender."""
