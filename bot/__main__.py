"""`python -m bot` is `sendwatch`."""

from bot.cli import main

if __name__ == "__main__":
    main()
