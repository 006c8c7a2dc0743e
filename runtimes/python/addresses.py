"""Reports what the host has to know of the finished image."""
import json
import posix

import _wardian.session
import _wardian.toolbox

_facts = {
    "entry": id(_wardian.session.enter),
    "deadlockError": id(_wardian.toolbox.DeadlockError),
}
posix.write(100, b"V" + json.dumps(_facts).encode())
