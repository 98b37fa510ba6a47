"""The exercises of lesson 15: products with Jacobians and Hessians, memory, fixed points, half precision."""
