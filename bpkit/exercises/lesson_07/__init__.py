"""The exercises of lesson 07, update rules, with the mistakes that they tell apart."""
