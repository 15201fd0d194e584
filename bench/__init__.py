"""Benchmark of the site with synthetic tenders, relative to a page that makes no SQL statement."""
