"""``python -m liangding`` is the ``liangding`` command."""

from .cli import main

if __name__ == "__main__":
    main()
