"""From an issue to each subscriber's mail box."""
