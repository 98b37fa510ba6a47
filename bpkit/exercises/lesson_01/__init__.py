"""The exercises of lesson 01, forward propagation, with the mistakes that they tell apart."""
