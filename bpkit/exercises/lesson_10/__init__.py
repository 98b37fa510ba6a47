"""The exercises of lesson 10, from backpropagation to autodiff, with the mistakes that they tell apart."""
