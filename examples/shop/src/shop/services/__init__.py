"""What the shop does: each function is one business transaction in the caller's session."""
