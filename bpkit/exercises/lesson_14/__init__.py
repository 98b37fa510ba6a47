"""The exercises of lesson 14, convolution and recurrence, with the mistakes that they tell apart."""
