"""The exercises of lesson 05, propagating the error (BP2), with the mistakes that they tell apart."""
