"""The explorer of notebooks 00, 05 and 06: the latent space of a model, decoded on the way."""

from course_utils.widgets.latent._explorer import (
    LatentExplorer,
    LatentPicture,
    LatentState,
    latent_explorer,
    latent_picture,
)

__all__ = ["LatentExplorer", "LatentPicture", "LatentState", "latent_explorer", "latent_picture"]
