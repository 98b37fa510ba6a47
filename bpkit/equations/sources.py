"""Where equations come from, cited by more than one lesson."""

NIELSEN = "Nielsen, Neural Networks and Deep Learning, ch. 2"
