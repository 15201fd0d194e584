"""Alerts by e-mail: readers ask for them and confirm, and ``manage.py send_alerts`` sends what is new."""
