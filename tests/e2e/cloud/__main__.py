"""`python -m tests.e2e.cloud PORT`."""

import sys

from tests.e2e.cloud.server import serve

serve(int(sys.argv[1]))
