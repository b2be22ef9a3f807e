"""The channels and extras that Tidings ships. Each folder is one plugin; they import `tidings` and `connectors`, never one another."""
