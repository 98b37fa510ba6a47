"""The exercises of lesson 03, gradient checking, with the mistakes that they tell apart."""
