"""The conditional VAE as a graphical model: y is given, and z does not depend on it."""

from _figure import save
from _graph import SIDES, add_edge, add_node, add_parameter, add_words, new_graph, render
from matplotlib.figure import Figure


def make() -> Figure:
    """No arrow between y and z on the left, one from each of x and y on the right."""
    pgm = new_graph("model $p$: from $z$ and $y$ to $x$", "encoder $q$: from $x$ and $y$ to $z$")
    for role, left in SIDES.items():
        add_node(pgm, "z" + role, (left + 0.55, 2.4))
        add_node(pgm, "y" + role, (left + 2.2, 2.4), seen=True)
        add_node(pgm, "x" + role, (left + 1.375, 1.1), seen=True)
    p, q = SIDES.values()
    add_parameter(pgm, "theta", (p + 3.2, 1.1))
    add_parameter(pgm, "phi", (q - 0.45, 2.4))
    for start, end in (("zp", "xp"), ("yp", "xp"), ("theta", "xp")):
        add_edge(pgm, start, end, "p")
    for start, end in (("xq", "zq"), ("yq", "zq"), ("phi", "zq")):
        add_edge(pgm, start, end, "q")
    add_words(pgm, (p + 1.02, 2.36), "no arrow", size=12)
    add_words(pgm, (p + 1.55, 0.4), r"$p_\theta(x|z,\,y)$")
    add_words(pgm, (q + 1.55, 0.4), r"$q_\phi(z|x,\,y)$")
    return render(pgm)


if __name__ == "__main__":
    save(make, __file__)
