"""A backpropagation course: a small numpy library, and exercises that name the mistake.

Importing bpkit loads numpy and nothing else; the rest comes when its name is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

# public name → the module that has it
_HOME = {
    name: module
    for module, names in {
        "bpkit.functions": "Activation Cost identity sigmoid tanh relu leaky_relu softplus softmax quadratic binary_cross_entropy cross_entropy",
        "bpkit.network": "Network Cache Gradients init forward backward predict cost_of",
        "bpkit.updates": "sgd momentum nesterov adam l1 l2 penalty",
        "bpkit.training": "fit History accuracy",
        "bpkit.compare": "describe_difference",
        "bpkit.differences": "numerical_gradient numerical_jacobian complex_step",
        "bpkit.gradcheck": "GradReport check_grad check_network",
        "bpkit.claims": "six_claims",
        "bpkit.exercises.check": "check hint progress",
        "bpkit.tape": "topological_order",
        "bpkit.guess": "beside",
        "bpkit.glossary": "words",
    }.items()
    for name in names.split()
}
_MODULES = ("clinic", "equations", "nets", "objectives", "plots", "tape", "widgets", "data")

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = import_module(f"bpkit.{name}")
    else:
        raise AttributeError(f"module 'bpkit' has no attribute {name!r}; its public names are: {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
