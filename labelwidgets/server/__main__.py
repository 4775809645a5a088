"""`python -m labelwidgets.server`, for where the command `labelwidgets` is not on PATH."""

import sys

from labelwidgets.server.commands import main

sys.exit(main())
