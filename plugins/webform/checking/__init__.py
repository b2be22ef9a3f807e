"""Whether a form works: a test that an admin sends through the whole way, and one by itself each night."""
