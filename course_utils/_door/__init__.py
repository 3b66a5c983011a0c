"""Behind `python3 -m course_utils`: the verbs, with nothing but Python until all is installed.

`__main__` lists them, with their options; every module here is Python's own library alone.
"""

OLDEST, TOO_NEW = (3, 11), (3, 15)  # as requires-python in pyproject.toml says
