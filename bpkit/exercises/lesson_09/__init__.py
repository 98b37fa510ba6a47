"""The exercises of lesson 09, backpropagation as a way of thinking, with the mistakes that they tell apart."""
