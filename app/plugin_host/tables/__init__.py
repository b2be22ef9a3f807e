"""The tables of plugins: how they are made and kept (`ledger`), and what may be asked of them (`guard`, `access`)."""
