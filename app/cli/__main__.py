"""`python -m app.cli`, for starting the parts without the console script."""

from app.cli import main

main()
