"""The exercises of lesson 12. TODO: say in a line what they are about."""
