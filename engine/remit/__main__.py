"""`python -m remit` is the same as `remit`."""

from remit.start import start

start()
