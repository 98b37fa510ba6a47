"""The exercises of lesson 15. TODO: say in a line what they are about."""
