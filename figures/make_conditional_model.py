"""The conditional VAE as a graphical model: y is given, and z does not depend on it."""

from _figure import save
from _graph import SIDES, add_edges, add_node, add_parameters, add_words, new_graph, render
from matplotlib.figure import Figure


def make() -> Figure:
    """No arrow between y and z on the left, one from each of x and y on the right."""
    pgm = new_graph("model $p$: from $z$ and $y$ to $x$", "encoder $q$: from $x$ and $y$ to $z$")
    for role, left in SIDES.items():
        add_node(pgm, "z" + role, (left + 0.55, 2.4))
        add_node(pgm, "y" + role, (left + 2.2, 2.4), seen=True)
        add_node(pgm, "x" + role, (left + 1.375, 1.1), seen=True)
    add_parameters(pgm)
    add_edges(pgm, "p", "xp", "zp", "yp", "theta")
    add_edges(pgm, "q", "zq", "xq", "yq", "phi")
    p, q = SIDES.values()
    add_words(pgm, (p + 1.02, 2.36), "no arrow", size=12)
    add_words(pgm, (p + 1.55, 0.4), r"$p_\theta(x|z,\,y)$")
    add_words(pgm, (q + 1.55, 0.4), r"$q_\phi(z|x,\,y)$")
    return render(pgm)


if __name__ == "__main__":
    save(make, __file__)
