"""`python -m ci_publish`."""

from ci_publish.cli import main

main()
