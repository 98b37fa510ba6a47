"""The exercises of lesson 13: the gradients of embedding and attention, and attention that reads its keys in blocks."""
