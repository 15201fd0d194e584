"""
The measures of claims, an object for each code of ``choices.Measure``, found in the modules of this package.

A measure owns all that is known of it: which queries and arguments it needs, its recorded value and the interval in
which it lies in every completion, its figure over all tenders, its evidence, the pieces of its sentence and of its
drawing. Notation of the derivations: *c* tenders certainly match, *p* may, *M* are missing and may
(``populations.QueryMatch``). A recorded value follows what the tender list shows. Shares are in percent.
"""

from importlib import import_module
from pkgutil import iter_modules

from tenders.claims.measures.base import MEASURES, NO_MEASURE, BaseMeasure, Result

__all__ = ["MEASURES", "BaseMeasure", "Result", "measure_of"]

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")


def measure_of(claim):
    """Return the measure of a claim; one that computes nothing where there is none of its code."""
    return MEASURES.get(claim.measure, NO_MEASURE)
