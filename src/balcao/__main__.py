"""`python -m balcao` is the command `balcao`."""

from balcao.cli import main

main()
