"""Behind `python3 -m course_utils`: the verbs, with nothing but Python until all is installed.

`__main__` lists them, with their options; every module here but `notebooks` is to load with
Python's own library alone, which tests/test_import_order.py sees to.
"""

OLDEST, TOO_NEW = (3, 11), (3, 15)  # as requires-python in pyproject.toml says
