"""The exercises of lesson 06, from error to gradient (BP3, BP4, the whole algorithm), with the mistakes that they tell apart."""
