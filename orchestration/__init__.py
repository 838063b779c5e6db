"""Wiring for Dagster: which assets there are, what they call and when. Nothing else imports this package.

Whatever does the work is a plain function elsewhere, so that each step also runs without Dagster.
"""
