"""What runs beside the web: the worker that processes and delivers, the pollers of accounts, housekeeping, and their supervisor."""
