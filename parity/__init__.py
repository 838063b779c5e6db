"""Parity: one project, two engines, the same rows. For development; no run of the pipeline needs it."""
