"""The learner's desk: their own copy of the lessons, what is carried into new versions, the map of the course, and JupyterLab around them."""
