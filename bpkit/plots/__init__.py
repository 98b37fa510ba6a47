"""The course's pictures, in one style that reads in light and dark, on a laptop and on a projector.

Each function draws one kind of picture and returns its Axes; `show` puts it on the page with its words.
"""

from bpkit.plots._activations import activation_gallery
from bpkit.plots._arrays import heat_map
from bpkit.plots._classifier import confusion, images
from bpkit.plots._curves import activation_and_slope, gradient_by_depth, loss_curve
from bpkit.plots._descent import cost_by_step, descent
from bpkit.plots._differences import kink, v_curve
from bpkit.plots._errata import errata_hiding, errata_training
from bpkit.plots._house import Picture, figure, picture, show
from bpkit.plots._networks import Edge, edges_of, error_flow, flow, network, positions
from bpkit.plots._notation import weight_place
from bpkit.plots._objectives import objective
from bpkit.plots._outer import outer_products
from bpkit.plots._paths import path_graph, path_shares
from bpkit.plots._saturation import outputs_by_step, saturation, shares
from bpkit.plots._tape import tape

__all__ = [
    "Edge",
    "Picture",
    "activation_and_slope",
    "activation_gallery",
    "confusion",
    "cost_by_step",
    "descent",
    "edges_of",
    "errata_hiding",
    "errata_training",
    "error_flow",
    "figure",
    "flow",
    "gradient_by_depth",
    "heat_map",
    "images",
    "kink",
    "loss_curve",
    "network",
    "objective",
    "outer_products",
    "outputs_by_step",
    "path_graph",
    "path_shares",
    "picture",
    "positions",
    "saturation",
    "shares",
    "show",
    "tape",
    "v_curve",
    "weight_place",
]
