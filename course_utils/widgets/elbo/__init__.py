"""The explorer of notebook 03: the ELBO and its gap, while q and the model move."""

from course_utils.widgets.elbo._explorer import (
    ElboExplorer,
    ElboPicture,
    ElboState,
    e_step,
    elbo_explorer,
    elbo_picture,
    m_step,
)

__all__ = ["ElboExplorer", "ElboPicture", "ElboState"]
__all__ += ["e_step", "elbo_explorer", "elbo_picture", "m_step"]
