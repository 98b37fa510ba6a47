"""What lessons put on the table: the course's nets and objectives, paths, recordings, printed gradients. `plots` and `widgets` draw them."""
