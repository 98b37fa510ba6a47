"""The exercises of lesson 11, the errata clinic: six printed derivations judged line by line and repaired."""
