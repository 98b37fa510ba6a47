"""The exercises of lesson 11, the errata clinic: printed derivations judged line by line and repaired, in two sittings."""
