"""The course's M1, where x = 2: what the tests of several notebooks need of it, by torch alone."""

from routes import M1, SHIFT, SIGMA, A, X, torch_normal

STANDARD = torch_normal(0, 1)  # its prior
LOG_PX = M1.log_px(X).item()


def log_likelihood(z):
    """log p(x | z): (...) -> (...)."""
    return torch_normal(A * z + SHIFT, SIGMA**2).log_prob(X[0, 0])
