"""The exercises of lesson 14. TODO: say in a line what they are about."""
