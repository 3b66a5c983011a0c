"""The VAE as a graphical model, after figure 1 of Kingma & Welling (2014)."""

from _figure import save
from _graph import SIDES, add_edges, add_node, add_parameters, add_words, new_graph, render
from matplotlib.figure import Figure


def make() -> Figure:
    """The model draws z, then x; the encoder goes from x back to z."""
    pgm = new_graph("model $p$: from $z$ to $x$", "encoder $q$: from $x$ back to $z$")
    for role, left in SIDES.items():
        add_node(pgm, "z" + role, (left + 0.8, 2.4))
        add_node(pgm, "x" + role, (left + 0.8, 1.1), seen=True)
    add_parameters(pgm)
    add_edges(pgm, "p", "xp", "zp", "theta")
    add_edges(pgm, "q", "zq", "xq", "phi")
    p, q = SIDES.values()
    add_words(pgm, (p + 1.25, 2.3), r"$p(z) = N(0,\,I)$")
    add_words(pgm, (p + 0.95, 1.66), r"$p_\theta(x|z)$")
    add_words(pgm, (q + 0.95, 1.66), r"$q_\phi(z|x)$")
    return render(pgm)


if __name__ == "__main__":
    save(make, __file__)
