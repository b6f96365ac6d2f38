"""python -m seed: loads the demo library into the configured database."""

from api.cli import seed

if __name__ == "__main__":
    seed()
