"""The exercises of lesson 04, the output error (BP1), with the mistakes that they tell apart."""
