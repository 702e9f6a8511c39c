"""`python -m emulator` in a checkout: `responses-emulator`, installed or not.

Where the environment of the checkout is not active, it says in one sentence what to do.
"""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "src"))
runpy.run_module("responses_emulator", run_name="__main__", alter_sys=True)
