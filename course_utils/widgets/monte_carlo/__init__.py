"""The explorer of notebook 02: draws from the prior, and what becomes of their weights."""

from course_utils.widgets.monte_carlo._explorer import (
    MonteCarloExplorer,
    MonteCarloPicture,
    MonteCarloState,
    monte_carlo_explorer,
    monte_carlo_picture,
)

__all__ = ["MonteCarloExplorer", "MonteCarloPicture", "MonteCarloState"]
__all__ += ["monte_carlo_explorer", "monte_carlo_picture"]
