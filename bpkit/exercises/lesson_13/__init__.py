"""The exercises of lesson 13. TODO: say in a line what they are about."""
