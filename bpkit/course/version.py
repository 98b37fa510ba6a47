"""Which bpkit this is: as pyproject.toml says it, but without a search among what is installed."""

VERSION = "0.1.0"
