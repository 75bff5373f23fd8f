"""``python -m gateway`` is ``moments``."""

from gateway.cli import main

if __name__ == "__main__":
    main()
