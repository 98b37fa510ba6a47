"""The exercises of lesson 02, the multivariable chain rule and Jacobians, with the mistakes that they tell apart."""
