"""The exercises of lesson 12, normalisation, residual connections and dropout, with the mistakes that they tell apart."""
