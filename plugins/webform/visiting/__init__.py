"""What a visitor meets: the hosted page, the frame, the embed and its script, and the way of a post into the journal."""
