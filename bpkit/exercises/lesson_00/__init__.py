"""The exercises of lesson 00: two easy ones, to meet the checker."""
