"""What is new, for those who follow it: all changes, those of a list's records, or of one record."""
