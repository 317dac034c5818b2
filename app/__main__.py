"""`python -m app` is `guildhall`."""

from app.cli import main

if __name__ == "__main__":
    main()
