"""Networks in float32: the VAE, the CVAE, and beside each what it is compared with."""

from course_utils.models._cvae import CVAE, Regressor
from course_utils.models._networks import LOG_VAR_RANGE
from course_utils.models._vae import VAE, Autoencoder

__all__ = ["CVAE", "LOG_VAR_RANGE", "VAE", "Autoencoder", "Regressor"]
