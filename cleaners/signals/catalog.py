"""THE list of signals, in the order of the corpus's columns."""

from winnow.cleaners.signals import c4, fineweb, gopher, redpajama, residual
from winnow.cleaners.signals.measuring import Definition, Measured, Signals

_PUBLISHED = (gopher, c4, fineweb, redpajama)
DEFINITIONS: tuple[Definition, ...] = tuple(
    definition for module in (*_PUBLISHED, residual) for definition in module.DEFINITIONS
)
NAMES: tuple[str, ...] = tuple(definition.name for definition in DEFINITIONS)


def published(measured: Measured) -> Signals:
    """The signals of four papers, of a text."""
    return {name: value for module in _PUBLISHED for name, value in module.signals_of(measured).items()}
