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
        "bpkit.core.functions": "Activation Cost identity sigmoid tanh relu leaky_relu softplus softmax quadratic binary_cross_entropy cross_entropy",
        "bpkit.core.network": "Network Cache Gradients init forward backward predict cost_of",
        "bpkit.core.updates": "sgd momentum nesterov adam l1 l2 penalty",
        "bpkit.core.training": "fit History accuracy",
        "bpkit.core.describe": "describe_difference",
        "bpkit.core.differences": "numerical_gradient numerical_jacobian complex_step",
        "bpkit.core.layers": "layer_norm layer_norm_vjp batch_norm batch_norm_vjp attention_weights attention attention_vjp "
        "streaming_attention streaming_attention_vjp embedding embedding_vjp "
        "recurrent_cell recurrent_cell_vjp convolution convolution_vjp max_pool max_pool_vjp mean_pool mean_pool_vjp jvp hvp",
        "bpkit.core.gradcheck": "GradReport check_grad check_network",
        "bpkit.exhibits.six_claims": "six_claims",
        "bpkit.exercises.check": "check hint progress reset restore solution",
        "bpkit.core.tape": "topological_order",
        "bpkit.exhibits.guess": "beside",
        "bpkit.course.glossary": "words",
    }.items()
    for name in names.split()
}
_MODULES = {
    "tape": "bpkit.core.tape",
    **{name: f"bpkit.exhibits.{name}" for name in ("clinic", "nets", "objectives")},
    **{name: f"bpkit.{name}" for name in ("data", "equations", "plots", "widgets")},
}

__all__ = sorted([*_HOME, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(_HOME[name]), name)
    elif name in _MODULES:
        value = import_module(_MODULES[name])
    else:
        raise AttributeError(f"module 'bpkit' has no attribute {name!r}; its public names are: {', '.join(__all__)}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*globals(), *__all__]
