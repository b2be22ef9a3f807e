"""Testing a form the whole way, at a press of a button and every night."""
