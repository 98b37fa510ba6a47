"""The exercises of lesson 08, training a classifier, with the mistakes that they tell apart."""
