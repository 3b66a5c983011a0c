"""The doctor, by its short name: `course_utils.doctor` is `_door.doctor` itself."""

import sys

from course_utils._door import doctor

sys.modules[__name__] = doctor
