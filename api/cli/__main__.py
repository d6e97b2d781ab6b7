"""`python -m api.cli`: the same as `okruga`."""

from api.cli import main

main()
