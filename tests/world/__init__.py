"""The world outside: real servers, a real simulated platform, a hostile line between them, and an oracle that knows
only the platform's ledger and what the institution's software was told. `make world-short`, `make world` run it."""
