"""The mathematics: forward and backward passes, update rules, gradient checks, a tape. It imports nothing of bpkit's other rooms."""
