"""What may be reached over the network, and how carefully."""
