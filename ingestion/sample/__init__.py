"""The sample company: a deterministic simulator that writes vendor-format exports, an InfoHub and the truth behind them.

For whoever has no exports yet, and for every test that needs to know what should be found. Loads nothing.
"""

from __future__ import annotations

from ingestion.sample.company import SampleRefused, SampleReport, write_sample
from ingestion.sample.presets import PRESETS, Preset

__all__ = ["PRESETS", "Preset", "SampleRefused", "SampleReport", "write_sample"]
